import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

import { transformSync } from '@swc/core'
import type * as oxc from 'oxc-parser'
import type { Options } from 'prettier'
import ts from 'typescript'

import { codeHashes } from '../../src/files/code'
import { isRevisionFile } from '../../src/files/fingerprint'

let parser: typeof oxc
beforeAll(async () => {
  parser = await import('oxc-parser')
})

function hashes(text: string, file = '1763750000000-a.ts'): ReadonlyMap<string, string> {
  return codeHashes(parser, file, text)
}

function hash(text: string, file?: string): string {
  const [only] = hashes(text, file).values()
  if (only === undefined) throw new Error(`no migration in:\n${text}`)
  return only
}

const folder = path.resolve(__dirname, '../../../migrations/src/revisions')
const shipped = readdirSync(folder)
  .filter(isRevisionFile)
  .map((name) => [name, readFileSync(path.join(folder, name), 'utf8')] as const)

/** Everything that a handwritten revision is likely to contain. */
const byHand = `import assert from 'node:assert'
import * as os from 'node:os'
import { Table, TableColumn as Column, type MigrationInterface, type QueryRunner } from 'typeorm'

import { chunk } from '../lib/chunk'
import './polyfill'

interface Row { readonly id: number; readonly name?: string }
enum Color { Red = 'red', Green = 'green' }
enum Level { Low, High = 5, Higher }
export const tables: readonly string[] = ['users', "it's", \`posts\`]
const sizes = { 'small': 10, big: 0XFF, 'two words': 1_000 } as const
let [first, { second }] = [1, { second: 2 }]

export async function count(queryRunner: QueryRunner, table: string): Promise<number> {
  const [row] = (await queryRunner.query(\`SELECT count(*) AS "n" FROM "\${table}"\`)) as { n: string }[]
  return Number(row!.n)
}
function unused() { return first + second }

class Helper<T extends Row> {
  static made = 0
  private readonly seen: T[] = []
  declare later: string
  constructor(private readonly size: number) { Helper.made++ }
  get length(): number { return this.seen.length + this.size }
  add(row: T): this { this.seen.push(row); return this }
}

/** fill the colors */
export class FillColors1763750000000 implements MigrationInterface {
  static readonly revision = '3f9c1b7a2d40'
  static readonly downRevision: string | null = 'a1b2c3d4e5f6'
  static readonly branchLabels = ['reports']
  static readonly limits = [1, 2, 3] as const
  readonly transaction = false
  private readonly batch: number = 500

  // What it does.
  public async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('UPDATE "users" SET "color" = $1', [Color.Red, Level.Higher])
    const rows = <Row[]>await queryRunner.query("SELECT it's")
    for (const part of chunk(rows, this.batch)) {
      if ((part.length > 0 && (part[0] as Row).id > 1) && os.cpus().length) continue;
      const { id, ...rest } = part[0]!, helper = new Helper<Row>(sizes.small);
      ;(helper.add({ id: id, ...{}, name: rest['name'] }) satisfies object)
      assert(/a+/gi.test(String(id)), \`no \${id} in \${tables}\`)
    }
    try { await queryRunner.createTable(new Table({ name: 'x', columns: [new Column({ name: 'id', type: 'int' })] })) }
    catch (error: unknown) { throw new Error('no', { cause: error }) }
    await this.rest(queryRunner)
  }

  public async down(queryRunner: QueryRunner): Promise<void> {
    label: for (let i = 0; i < FillColors1763750000000.limits.length; i++) { if (!i) continue label; else { await count(queryRunner, tables[i] ?? 'users') } }
  }

  private rest = async (queryRunner: QueryRunner): Promise<void> => { await queryRunner.query(10n ? 'a' : "b") }
}
`
  // Compilers rewrite syntax that ES2017 lacks, each in its own way.
  .replace('{ id, ...rest } = part[0]!', '{ id, rest } = part[0]!')
  .replace('...{}, ', '')
  .replace("?? 'users'", "|| 'users'")

const all = [...shipped, ['a handwritten revision', byHand] as const]

describe.each(all)('codeHashes of %s', (_, text) => {
  const lf = text.replaceAll('\r\n', '\n')

  test.each<[string, Options]>([
    ['semicolons', { semi: true, singleQuote: false, printWidth: 80 }],
    ['short lines', { semi: false, singleQuote: true, printWidth: 40, trailingComma: 'none', arrowParens: 'avoid' }],
    ['long lines', { printWidth: 200, tabWidth: 8, useTabs: true, quoteProps: 'consistent', bracketSpacing: false }],
    ['CRLF', { endOfLine: 'crlf', quoteProps: 'preserve', experimentalTernaries: true }],
  ])('does not change when Prettier reformats it with %s', async (_name, options) => {
    const { format } = await import('prettier')
    const formatted = await format(lf, { parser: 'typescript', ...options })
    expect(formatted).not.toBe(lf)
    expect(hash(formatted)).toBe(hash(text))
  })

  test.each([
    ['ES2017', ts.ScriptTarget.ES2017],
    ['ES2022', ts.ScriptTarget.ES2022],
    ['ESNext', ts.ScriptTarget.ESNext],
  ])('does not change when tsc compiles it to %s', (_name, target) => {
    for (const module of [ts.ModuleKind.CommonJS, ts.ModuleKind.ESNext]) {
      for (const useDefineForClassFields of [false, true]) {
        for (const esModuleInterop of [false, true]) {
          const { outputText } = ts.transpileModule(lf, {
            compilerOptions: {
              target,
              module,
              useDefineForClassFields,
              esModuleInterop,
              removeComments: esModuleInterop,
            },
          })
          expect({ outputText, hash: hash(outputText, 'a.js') }).toEqual({ outputText, hash: hash(text) })
        }
      }
    }
  })

  test.each(['es2017', 'es2022', 'esnext'] as const)('does not change when swc compiles it to %s', (target) => {
    for (const type of ['commonjs', 'es6'] as const) {
      for (const useDefineForClassFields of [false, true]) {
        const { code } = transformSync(lf, {
          configFile: false,
          swcrc: false,
          module: { type },
          jsc: { target, parser: { syntax: 'typescript' }, transform: { useDefineForClassFields } },
        })
        expect({ code, hash: hash(code, 'a.js') }).toEqual({ code, hash: hash(text) })
      }
    }
  })
})

describe('codeHashes', () => {
  let base = ''
  beforeAll(() => {
    base = hash(byHand)
  })
  const change = (from: string, to: string): string => {
    const changed = byHand.replace(from, to)
    if (changed === byHand) throw new Error(`the text has no ${from}`)
    return hash(changed)
  }

  test.each([
    ['a changed comment', '// What it does.', '/* Something else. */'],
    ['a changed doc comment', '/** fill the colors */', '/** other words */'],
    ['another id', "revision = '3f9c1b7a2d40'", "revision = '000000000000'"],
    ['another parent', "'a1b2c3d4e5f6'", 'null'],
    ['labels and dependencies', "branchLabels = ['reports']", "dependsOn = ['b'] as const"],
    ['the transaction mode', 'transaction = false', 'transaction = true'],
    ['a changed type', 'rows = <Row[]>await', 'rows = <unknown[]>await'],
    ['access modifiers', 'private readonly batch', 'protected batch'],
    ['an edited helper that is unused', 'return first + second', 'return 7'],
    ['a removed helper that is unused', 'function unused() { return first + second }\n', ''],
    ['an empty statement', 'continue;', 'continue;;'],
    ['extra parentheses', '(part.length > 0', '((part.length) > 0'],
    ['an unused type', 'enum Color', 'type Nothing = undefined\nenum Color'],
    ['a type import', "import './polyfill'", "import './polyfill'\nimport type { Other } from './other'"],
  ])('ignores %s', (_, from, to) => {
    expect(change(from, to)).toBe(base)
  })

  test('ignores the names of class and file', () => {
    expect(hash(byHand.replaceAll('FillColors1763750000000', 'Other1763750000009'), 'other.ts')).toBe(base)
  })

  test.each([
    ['a statement', 'UPDATE "users" SET', 'UPDATE "users"  SET'],
    ['a parameter', '[Color.Red, ', '[Color.Green, '],
    ['a string of an enum', "Red = 'red'", "Red = 'rot'"],
    ['a number of an enum', 'High = 5', 'High = 6'],
    ['a helper', 'Number(row!.n)', '-Number(row!.n)'],
    ['a constant', "'users', ", "'user', "],
    ['a property of a constant', "'small': 10", "'small': 11"],
    ['a helper class', 'this.seen.length + this.size', 'this.seen.length'],
    ['a static field of a helper class', 'static made = 0', 'static made = 1'],
    ['a field', 'batch: number = 500', 'batch: number = 501'],
    ['a static field', 'limits = [1, 2, 3]', 'limits = [1, 2]'],
    ['a field with a function', "10n ? 'a'", "11n ? 'a'"],
    ['an imported name', 'TableColumn as Column', 'TableIndex as Column'],
    ['an import path', "'../lib/chunk'", "'../lib/other'"],
    ['a side-effect import', "import './polyfill'", ''],
    ['a condition', 'part.length > 0 &&', 'part.length > 0 ||'],
    ['a jump in a loop', 'continue label', 'break label'],
    ['an else branch', 'else { await', '{ await'],
    ['an await', 'await this.rest', 'this.rest'],
    ['a flag of a regular expression', '/a+/gi', '/a+/g'],
    ['a template', 'no ${id} in', 'no ${id}  in'],
    ['a catch block', "throw new Error('no', { cause: error })", ''],
    ['code that runs at load time', 'let [first', 'os.cpus()\nlet [first'],
    ['the name of a method', 'async up(', 'async down2('],
  ])('returns another hash after a change of %s', (_, from, to) => {
    expect(change(from, to)).not.toBe(base)
  })

  test('hashes each migration of a file independently', () => {
    const one = (up: string): string => `export class One1763750000001 { async up(q) { ${up} } async down(q) {} }\n`
    const two = `export class Two1763750000002 { async up(q) { await q.query('two') } async down(q) {} }\n`
    const before = hashes(one('') + two)
    const after = hashes(two + one('await q.query(1)'))
    expect(after.get('Two1763750000002')).toBe(before.get('Two1763750000002'))
    expect(after.get('One1763750000001')).not.toBe(before.get('One1763750000001'))
  })

  test('returns the same hash for a CommonJS file that exports only the class', () => {
    const body = `{ async up(q) { await q.query('one') } async down(q) {} }`
    expect(hash(`module.exports = class One1763750000001 ${body}`, 'a.js')).toBe(
      hash(`export class One1763750000001 ${body}`),
    )
  })

  test('returns another hash after a change of the base class', () => {
    const text = (up: string): string =>
      `class Base { async up(q) { ${up} } async down(q) {} }\nexport class One1763750000001 extends Base {}\n`
    expect(hash(text('await q.query(1)'))).not.toBe(hash(text('')))
  })
})
