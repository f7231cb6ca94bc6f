import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'

import fc from 'fast-check'
import ts from 'typescript'
import type { MigrationInterface, QueryRunner } from 'typeorm'

import { testRuns } from '../../../../tools/testing/runs.cjs'
import { postgres } from '../../src/dialect/postgres'
import { writtenStatements } from '../../src/execution/written'
import { recordedChecksum } from '../../src/files/checksum'
import { statementsInText, textOfFile } from '../../src/files/statements'
import type { Revision } from '../../src/revision/revision'
import { trimStatement } from '../../src/sql/text'

const name = 'Step1763750000000'
const load = createRequire(__filename)

let directory: string
let count = 0
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'aludel-files-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

async function write(text: string, extension: string): Promise<string> {
  const file = path.join(directory, `${String(++count)}${extension}`)
  await writeFile(file, text)
  return file
}

async function isComplete(text: string, extension = '.ts'): Promise<boolean> {
  const revision = { path: await write(text, extension), exportName: name, checksum: '' }
  const found = await statementsInText(revision, textOfFile(revision), 'upgrade', 'postgres')
  return 'complete' in found && found.complete
}

const typescript = (members: string, before = ''): string =>
  `import { MigrationInterface, QueryRunner } from 'typeorm'
${before}
/** step */
export class ${name} implements MigrationInterface {
  ${members}
  async down(queryRunner: QueryRunner): Promise<void> {}
}
`
const up = "async up(queryRunner: QueryRunner): Promise<void> { await queryRunner.query('SELECT 1') }"

describe('a file that need not be loaded', () => {
  test.each<[string, string]>([
    ['has statements alone', typescript(up)],
    [
      'has literal static fields',
      typescript(`static readonly revision = 'a'\n static readonly effects = { a: ['b', 1] }\n${up}`),
    ],
    ['has a name and a mode', typescript(`name = 'x'\n readonly transaction = false\n${up}`)],
    ['has constants and types', typescript(up, "const a = 'b'\ntype T = string\ninterface I { a: T }")],
    ['has other methods', typescript(`other(): number { return 1 }\n${up}`)],
    ['imports types', typescript(up, "import type { A } from './a'")],
  ])('%s', async (_what, text) => {
    expect(await isComplete(text)).toBe(true)
  })

  test.each([ts.ModuleKind.CommonJS, ts.ModuleKind.ESNext])('may be compiled (module kind %d)', async (module) => {
    const { outputText } = ts.transpileModule(typescript(`name = '${name}'\n static revision = 'a'\n${up}`), {
      compilerOptions: { module, target: ts.ScriptTarget.ES2022 },
    })
    expect(await isComplete(outputText, module === ts.ModuleKind.CommonJS ? '.cjs' : '.mjs')).toBe(true)
  })
})

describe('a file that must be loaded', () => {
  test.each<[string, string]>([
    ['prints', typescript(up.replace('{ await', "{ console.log('at work'); await"))],
    ['ends its transaction', typescript(up.replace('{ await', '{ await queryRunner.commitTransaction(); await'))],
    [
      'has the guard of a squash',
      typescript(up.replace('{ await', '{ if (await this.isReplaced(queryRunner)) return; await')),
    ],
    ['has a constructor', typescript(`constructor() {}\n${up}`)],
    ['has a field with a limit', typescript(`lockTimeout = '1s'\n${up}`)],
    ['has a computed field', typescript(`name = String(1)\n${up}`)],
    ['has a static block', typescript(`static { globalThis.x = 1 }\n${up}`)],
    ['has an accessor', typescript(`get name() { return 'x' }\n${up}`)],
    ['is decorated', typescript(up).replace('export class', '@decorated export class')],
    ['extends a class', typescript(up).replace('implements', 'extends Base implements')],
    ['imports a module', typescript(up, "import { a } from './a'")],
    ['imports a module for its effects', typescript(up, "import './a'")],
    ['exports from a module', typescript(up, "export { a } from './a'")],
    ['calls something', typescript(up, 'call()')],
    ['computes a constant', typescript(up, 'const a = call()')],
    ['awaits something', typescript(up, 'await call()')],
    ['has another class with state', typescript(up, 'class A { static a = call() }')],
    ['throws', typescript(up, "if (process.env.A) throw new Error('a')")],
  ])('%s', async (_what, text) => {
    expect(await isComplete(text)).toBe(false)
  })
})

test('the checksum that comes with the statements is the one that is recorded', async () => {
  for (const text of [typescript(up), typescript(`${up}\n other = call()`), 'export const a = 1', 'syntax error (']) {
    const path_ = await write(text, '.ts')
    const revision = { path: path_, exportName: name, checksum: 'of the text' } as Revision
    const { checksum } = await statementsInText(revision, textOfFile(revision), 'upgrade', 'postgres')
    expect(checksum).toBe(await recordedChecksum(revision))
  }
})

test('a file that need not be loaded sends the same when it is loaded', async () => {
  const sql = fc.oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((text) => text.trim() !== ''),
    fc.constantFrom(
      `CREATE TABLE "a" ("b" integer)`,
      "INSERT INTO a VALUES ('it''s; $1')",
      '-- none\nSELECT 1',
      'SELECT `a`;',
    ),
  )
  const quoted = fc.constantFrom<(text: string) => string>(
    (text) => JSON.stringify(text),
    (text) => `\`${text.replace(/[\\`]|\$\{/g, '\\$&').replace(/\r/g, '\\r')}\``,
    (text) => `'${JSON.stringify(text).slice(1, -1).replace(/\\"/g, '"').replace(/'/g, "\\'")}'`,
  )
  const form = fc.constantFrom<(texts: readonly string[]) => string>(
    (texts) => texts.map((text) => `await queryRunner.query(${text})`).join('\n'),
    (texts) => `for (const sql of [${texts.join(', ')}]) await queryRunner.query(sql)`,
    (texts) => `const all = [${texts.join(', ')}]\nfor (const one of all) await queryRunner.query(one)`,
    (texts) =>
      `if (queryRunner.connection.options.type === 'postgres') { ${texts.map((text) => `await queryRunner.query(${text})`).join('; ')} } else { await queryRunner.query('other') }`,
  )
  const one = fc.tuple(fc.array(fc.tuple(sql, quoted), { maxLength: 6 }), form)
  let verbatim = 0
  await fc.assert(
    fc.asyncProperty(one, async ([texts, write_]) => {
      const body = write_(texts.map(([text, quote]) => quote(text)))
      const file = await write(
        `'use strict'\nclass ${name} {\n async up(queryRunner) {\n${body}\n}\n async down() {}\n}\nexports.${name} = ${name}\n`,
        '.cjs',
      )
      const read = await writtenStatements(
        { path: file, exportName: name, checksum: '' },
        'upgrade',
        postgres,
        'postgres',
      )
      const sent: string[] = []
      const queryRunner = {
        connection: { options: { type: 'postgres' } },
        query: (text: string) => Promise.resolve(sent.push(text)),
      } as unknown as QueryRunner
      const { [name]: Step } = load(file) as Record<string, new () => MigrationInterface>
      if (Step === undefined) throw new Error('no class')
      await new Step().up(queryRunner)
      // An empty statement is not sent again.
      if (sent.some((text) => trimStatement(text) === '')) return
      expect('verbatim' in read ? read.verbatim : undefined).toEqual(sent)
      verbatim += 1
    }),
    { numRuns: testRuns(1000) },
  )
  expect(verbatim).toBeGreaterThan(900)
})
