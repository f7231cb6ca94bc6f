// cspell:ignore grosse
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { runInNewContext, Script } from 'node:vm'

import fc from 'fast-check'
import prettier from 'prettier'
import ts from 'typescript'
import type { QueryRunner } from 'typeorm'

import { testRuns } from '../../../../tools/testing/runs.cjs'
import { createModuleLoader, loadMigration } from '../../src/files/load'
import { readRevisions } from '../../src/files/read'
import { escapeTemplate } from '../../src/files/quote'
import {
  classNameFor,
  newRevisionId,
  renderRevisionFile,
  slugify,
  writeRevisionFile,
  type RevisionFileSpec,
} from '../../src/files/write'
import { caughtAsync } from '../revision/caught'

import { folder, project, removeFolders } from '../../../../tools/testing/folders'

afterAll(removeFolders)

const timestamp = 1_763_750_000_000
const languages = ['ts', 'js-esm', 'js-cjs', 'mjs', 'cjs'] as const

function spec(changes: Partial<RevisionFileSpec> = {}): RevisionFileSpec {
  return {
    id: '3f9c1b7a2d40',
    timestamp,
    message: 'add priority to workflows',
    downRevision: ['a1b2c3d4e5f6'],
    branchLabels: [],
    dependsOn: [],
    language: 'ts',
    body: null,
    driverTypes: { postgres: ['postgres'], sqlite: ['sqlite', 'better-sqlite3'] },
    ...changes,
  }
}

const both: RevisionFileSpec['body'] = {
  postgres: {
    up: [
      { sql: 'ALTER TABLE "workflows" ADD COLUMN "priority" integer', comment: 'workflows: add column priority' },
      {
        sql: 'CREATE TABLE "runs" (\n  "id" text NOT NULL,\n  "note" text DEFAULT \'a\n  b\'\n)',
        comment: 'runs: create\ntable',
      },
    ],
    down: [{ sql: 'DROP TABLE "runs"' }, { sql: 'ALTER TABLE "workflows" DROP COLUMN "priority"' }],
  },
  sqlite: {
    up: [{ sql: 'ALTER TABLE "workflows" ADD COLUMN "priority" integer' }],
    down: [],
  },
}

/** Returns the statements that a migration sends; no database is used. */
async function run(file: string, method: 'up' | 'down', type: string): Promise<readonly string[]> {
  const { revisions } = await readRevisions([path.dirname(file)])
  const revision = revisions.find((one) => one.path === file)
  if (revision === undefined) throw new Error(`${file} is not read`)
  const migration = await loadMigration(revision, createModuleLoader())
  // The engine does the same: its plan knows which revisions are replaced.
  if (revision.replaces !== undefined) Object.assign(migration, { isReplaced: () => Promise.resolve(false) })
  const statements: string[] = []
  const query = (sql: string) => Promise.resolve(statements.push(sql))
  await migration[method]({ query, connection: { options: { type } } } as unknown as QueryRunner)
  return statements
}

describe('renderRevisionFile', () => {
  test('writes both dialects of a TypeScript revision', () => {
    expect(renderRevisionFile(spec({ body: both })))
      .toBe(`import type { MigrationInterface, QueryRunner } from 'typeorm'

/** add priority to workflows */
export class AddPriorityToWorkflows1763750000000 implements MigrationInterface {
  static readonly revision = '3f9c1b7a2d40'
  static readonly downRevision = 'a1b2c3d4e5f6'

  async up(queryRunner: QueryRunner): Promise<void> {
    switch (queryRunner.connection.options.type as string) {
      case 'postgres':
        // workflows: add column priority
        await queryRunner.query(\`ALTER TABLE "workflows" ADD COLUMN "priority" integer\`)
        // runs: create table
        await queryRunner.query(\`CREATE TABLE "runs" (
  "id" text NOT NULL,
  "note" text DEFAULT 'a
  b'
)\`)
        break
      case 'sqlite':
      case 'better-sqlite3':
        await queryRunner.query(\`ALTER TABLE "workflows" ADD COLUMN "priority" integer\`)
        break
      default:
        throw new Error(\`revision 3f9c1b7a2d40 has no statements for \${queryRunner.connection.options.type}\`)
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    switch (queryRunner.connection.options.type as string) {
      case 'postgres':
        await queryRunner.query(\`DROP TABLE "runs"\`)
        await queryRunner.query(\`ALTER TABLE "workflows" DROP COLUMN "priority"\`)
        break
      case 'sqlite':
      case 'better-sqlite3':
        break
      default:
        throw new Error(\`revision 3f9c1b7a2d40 has no statements for \${queryRunner.connection.options.type}\`)
    }
  }
}
`)
  })

  test('writes one dialect without a switch, with header and all fields', () => {
    const text = renderRevisionFile(
      spec({
        downRevision: [],
        branchLabels: ['reports'],
        dependsOn: ['77aa88bb99cc', 'billing'],
        transaction: false,
        header: ['workflows: add column priority', '', 'Loses: nothing */ at all'],
        body: { sqlite: { up: [{ sql: 'SELECT 1', comment: 'one' }], down: [] } },
      }),
    )
    expect(text).toBe(`import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * add priority to workflows
 *
 * workflows: add column priority
 *
 * Loses: nothing *\\/ at all
 */
export class AddPriorityToWorkflows1763750000000 implements MigrationInterface {
  static readonly revision = '3f9c1b7a2d40'
  static readonly downRevision = null
  static readonly branchLabels = ['reports']
  static readonly dependsOn = ['77aa88bb99cc', 'billing']
  readonly transaction = false

  async up(queryRunner: QueryRunner): Promise<void> {
    // one
    await queryRunner.query(\`SELECT 1\`)
  }

  async down(): Promise<void> {}
}
`)
  })

  test('writes empty methods for a merge, and a placeholder for a handwritten revision', () => {
    const merge = renderRevisionFile(spec({ downRevision: ['aa', 'bb'] }))
    expect(merge).toContain("import type { MigrationInterface } from 'typeorm'\n")
    expect(merge).toContain(
      "downRevision = ['aa', 'bb']\n\n  async up(): Promise<void> {}\n\n  async down(): Promise<void> {}\n",
    )
    expect(renderRevisionFile(spec())).toContain(
      "  async up(queryRunner: QueryRunner): Promise<void> {\n    // await queryRunner.query('…')\n  }\n",
    )
  })

  test('omits types in JavaScript', () => {
    const esm = renderRevisionFile(spec({ language: 'js-esm', body: both, transaction: false }))
    expect(esm).toMatch(
      /^\/\*\* add priority to workflows \*\/\nexport class AddPriorityToWorkflows1763750000000 \{\n {2}static revision = /,
    )
    expect(esm).toContain(
      '  transaction = false\n\n  async up(queryRunner) {\n    switch (queryRunner.connection.options.type) {\n',
    )
    const cjs = renderRevisionFile(spec({ language: 'js-cjs' }))
    expect(cjs).toMatch(/\nclass AddPriorityToWorkflows1763750000000 \{/)
    expect(cjs).toMatch(/\n\}\n\nmodule\.exports = \{ AddPriorityToWorkflows1763750000000 \}\n$/)
  })

  const specs = [
    spec(),
    spec({ body: both, header: ['workflows: add column priority', 'Loses: all'], transaction: false }),
    spec({ body: { postgres: both.postgres } }),
    spec({ downRevision: [], branchLabels: ['größe'], dependsOn: ['billing'] }),
    spec({
      body: both,
      downRevision: [],
      replaces: [
        { id: '3f9c1b7a2d40', name: 'First1763750000000' },
        { id: 'aa9c1b7a2d40', name: 'Second1763750000001' },
      ],
    }),
    spec({
      body: { sqlite: both.sqlite },
      downRevision: ['aa'],
      replaces: [
        {
          id: '3f9c1b7a2d40',
          name: 'First1763750000000',
          replaces: [{ id: 'aa', name: 'A', replaces: [{ id: 'bb', name: 'B' }] }],
        },
        { id: 'cc', name: 'C' },
      ],
    }),
    spec({ downRevision: Array.from({ length: 9 }, (_, index) => `${index}1b2c3d4e5f6`) }),
  ]

  test('writes text that Prettier leaves unchanged', async () => {
    const config = await prettier.resolveConfig(__filename)
    for (const one of specs) {
      for (const language of languages) {
        const text = renderRevisionFile({ ...one, language })
        const parser = language === 'ts' ? 'typescript' : 'babel'
        expect(await prettier.format(text, { ...config, parser })).toBe(text)
      }
    }
  })

  test('writes text that compiles with the strictest settings', async () => {
    const files = Object.fromEntries(specs.map((one, index) => [`${index}.ts`, renderRevisionFile(one)]))
    const directory = await project(files)
    const program = ts.createProgram(
      Object.keys(files).map((file) => path.join(directory, file)),
      {
        strict: true,
        noUncheckedIndexedAccess: true,
        noImplicitOverride: true,
        noImplicitReturns: true,
        noFallthroughCasesInSwitch: true,
        exactOptionalPropertyTypes: true,
        verbatimModuleSyntax: false,
        isolatedModules: true,
        noEmit: true,
        skipLibCheck: true,
        target: ts.ScriptTarget.ES2022,
        // Without that of browsers, which is most of it.
        lib: ['lib.es2022.d.ts'],
        module: ts.ModuleKind.Node16,
        moduleResolution: ts.ModuleResolutionKind.Node16,
        types: [],
      },
    )
    const problems = ts.getPreEmitDiagnostics(program).map(({ messageText, file }) => [file?.fileName, messageText])
    expect(problems).toEqual([])
  })
})

describe('writeRevisionFile', () => {
  const nasty: readonly string[] = [
    'SELECT `a`, "b", \'c\'',
    'SELECT $' + "{process.exit(1)} AS x, '$$', '\\$'",
    "SELECT '\\', '\\\\', '\\n', '\\`', '\\${x}'",
    'SELECT 1 -- comment\n, 2 /* ` */',
    "SELECT 'first\r\nsecond\rthird\n\tfourth  \n\n'",
    "SELECT 'größe 日本語 😀 \u2028 \u2029 \ufeff \u0000 \u0007 \u001b \u007f \u0085'",
    `CREATE FUNCTION f() RETURNS trigger AS $body$\nBEGIN\n  EXECUTE format('%I', \`x\`);\nEND\n$body$ LANGUAGE plpgsql`,
    '`',
    '$',
    '${',
    '\\',
    '\\`',
    '$`{',
    ' ',
    '',
  ]

  test.each(languages)('writes a revision that reads, loads and runs unchanged (%s)', async (language) => {
    const down = [...nasty].reverse()
    const written = spec({
      language,
      message: 'nasty */ /** `${x}` \\ "größe" \'😀\' \u2028 // *\\/ message',
      header: ['lost: `a` */ ${b}', '@deprecated'],
      downRevision: ['a1b2c3d4e5f6', 'b1b2c3d4e5f6'],
      branchLabels: ['größe/日本'],
      dependsOn: ['billing'],
      transaction: false,
      replaces: [
        { id: '123456789012', name: "\\'`${x}`😀" },
        { id: 'aa', name: 'A', replaces: [{ id: 'bb', name: 'B' }] },
      ],
      body: {
        postgres: {
          up: nasty.map((sql, index) => ({ sql, ...(index % 2 === 0 && { comment: `${sql} */ x` }) })),
          down: down.map((sql) => ({ sql })),
        },
        sqlite: { up: [{ sql: 'SELECT 1' }], down: [] },
      },
    })
    const root = await project({ 'package.json': language === 'js-esm' ? '{"type":"module"}' : '{}' })
    const directory = path.join(root, 'migrations')
    const { path: file } = await writeRevisionFile(directory, written)
    expect(path.dirname(file)).toBe(directory)

    const { revisions, warnings } = await readRevisions([directory])
    expect(warnings).toEqual([])
    expect(revisions).toMatchObject([
      {
        id: written.id,
        name: classNameFor(written.message, timestamp),
        timestamp,
        down: written.downRevision,
        dependsOn: written.dependsOn,
        branchLabels: written.branchLabels,
        replaces: written.replaces,
        message: 'nasty */ /** `${x}` \\ "größe" \'😀\' // *\\/ message',
        transaction: false,
        plain: false,
        path: file,
      },
    ])
    expect(await run(file, 'up', 'postgres')).toEqual(nasty)
    expect(await run(file, 'down', 'postgres')).toEqual(down)
    expect(await run(file, 'up', 'better-sqlite3')).toEqual(['SELECT 1'])
    expect(await run(file, 'down', 'sqlite')).toEqual([])
    await expect(run(file, 'up', 'mysql')).rejects.toThrow('revision 3f9c1b7a2d40 has no statements for mysql')
  })

  test('preserves any statement and any message', async () => {
    const directory = await folder()
    let count = 0
    const text = fc.string({ unit: 'binary', maxLength: 40 })
    const risky = fc.array(
      fc.constantFrom('`', '$', '{', '}', '\\', '*/', '/*', '@', '\r', '\n', "'", '"', 'u2028', '//', ' '),
      { maxLength: 12 },
    )
    const texts = fc.oneof(
      text,
      risky.map((parts) => parts.join('')),
    )
    await fc.assert(
      fc.asyncProperty(texts, texts, fc.constantFrom(...languages), async (sql, message, language) => {
        const written = spec({
          message,
          language,
          timestamp: timestamp + count++,
          body: { postgres: { up: [{ sql, comment: message }], down: [] } },
        })
        const place = path.join(directory, String(count))
        const suffix = language === 'js-esm' ? '"module"' : '"commonjs"'
        await mkdir(place)
        await writeFile(path.join(place, 'package.json'), `{"type":${suffix}}`)
        const { path: file } = await writeRevisionFile(place, written)
        const { revisions } = await readRevisions([place])
        const said = message.replace(/\s+/g, ' ').trim()
        expect(revisions.map((revision) => revision.message)).toEqual([said === '' ? 'revision' : said])
        expect(await run(file, 'up', 'postgres')).toEqual([sql])
      }),
      { numRuns: testRuns(20) },
    )
  })

  test('names the file after timestamp and message', async () => {
    const directory = path.join(await folder(), 'new', 'migrations')
    const names: string[] = []
    for (const [index, language] of languages.entries()) {
      const { path: file } = await writeRevisionFile(directory, spec({ language, timestamp: timestamp + index }))
      names.push(path.basename(file))
    }
    expect(names).toEqual([
      '1763750000000-add-priority-to-workflows.ts',
      '1763750000001-add-priority-to-workflows.js',
      '1763750000002-add-priority-to-workflows.js',
      '1763750000003-add-priority-to-workflows.mjs',
      '1763750000004-add-priority-to-workflows.cjs',
    ])
    expect((await readdir(directory)).sort()).toEqual(names)
  })

  test('never overwrites a file, and leaves no temporary file', async () => {
    const directory = await folder()
    const { path: file } = await writeRevisionFile(directory, spec())
    await writeFile(file, 'mine')
    const error = await caughtAsync(() => writeRevisionFile(directory, spec({ body: both })))
    expect(error.code).toBe('ALUDEL_REVISION_EXISTS')
    expect(error.message).toContain(file)
    expect(await readFile(file, 'utf8')).toBe('mine')
    expect(await readdir(directory)).toEqual([path.basename(file)])
  })

  test('lets exactly one of many concurrent writers create the file', async () => {
    const directory = await folder()
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => writeRevisionFile(directory, spec())))
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await readdir(directory)).toHaveLength(1)
    expect((await readRevisions([directory])).revisions).toHaveLength(1)
  })

  test('refuses a path that is not a directory', async () => {
    const directory = await folder({ file: 'x' })
    for (const place of ['file', 'file/below']) {
      const error = await caughtAsync(() => writeRevisionFile(path.join(directory, place), spec()))
      expect(error.code).toBe('ALUDEL_REVISION_DIRECTORY')
    }
  })
})

describe('names and ids', () => {
  test.each([
    ['add priority to workflows', 'add-priority-to-workflows', 'AddPriorityToWorkflows'],
    ['2fa', '2fa', 'Revision2fa'],
    ['Größe & "unit" of assets!', 'grosse-unit-of-assets', 'GrosseUnitOfAssets'],
    ['日本語 の 列', '日本語-の-列', 'Revision'],
    ['한국어', '한국어', 'Revision'],
    ['हिन्दी', 'हिन्दी', 'Revision'],
    ['😀', 'revision', 'Revision'],
    ['', 'revision', 'Revision'],
    ['class', 'class', 'Class'],
    ['../../etc/passwd', 'etc-passwd', 'EtcPasswd'],
    ['__proto__', 'proto', 'Proto'],
    ['C:\\temp', 'c-temp', 'CTemp'],
    ['con', 'con', 'Con'],
    ['a\nb\u0000c', 'a-b-c', 'ABC'],
    ['\u0301x', 'x', 'X'],
  ])('turns %j into the slug %s and the class name %s', (message, slug, name) => {
    expect(slugify(message)).toBe(slug)
    expect(classNameFor(message, timestamp)).toBe(`${name}${timestamp}`)
  })

  test('turns any message into a file name and an identifier of bounded length', () => {
    const messages = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.string({ unit: 'grapheme', maxLength: 300 }),
      fc.lorem({ maxCount: 40 }),
    )
    fc.assert(
      fc.property(messages, (message) => {
        const slug = slugify(message)
        expect(slug).toMatch(/^[\p{L}\p{N}][\p{L}\p{M}\p{N}-]*$/u)
        expect(slug.length).toBeLessThanOrEqual(60)
        expect(Buffer.byteLength(`${timestamp}-${slug}.mjs`)).toBeLessThanOrEqual(220)
        const name = classNameFor(message, timestamp)
        expect(name).toMatch(/^[A-Z][A-Za-z0-9]*\d{13}$/)
        expect(name.length).toBeLessThanOrEqual(105)
        expect(() => new Script(`class ${name} {}`)).not.toThrow()
      }),
      { numRuns: testRuns(1000) },
    )
  })

  test('cuts a long slug at a word, and limits the class name', () => {
    const message = 'move every workflow that nobody has looked at for a very long time to the archive of workflows'
    expect(slugify(message)).toBe('move-every-workflow-that-nobody-has-looked-at-for-a-very')
    expect(slugify('x'.repeat(200))).toBe('x'.repeat(60))
    expect(classNameFor('y'.repeat(200), timestamp)).toBe(`Y${'y'.repeat(79)}${timestamp}`)
  })

  test('newRevisionId returns 12 hex digits, different each time', () => {
    const ids = new Set(Array.from({ length: 1000 }, newRevisionId))
    expect(ids.size).toBe(1000)
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{12}$/)
  })
})

test('escapeTemplate preserves any text in a template literal', () => {
  const unit = fc.constantFrom(
    '`',
    '$',
    '{',
    '}',
    '\\',
    '\r',
    '\n',
    '\u2028',
    '\ud800',
    '\udc00',
    'u',
    '0',
    '\u0000',
    'a',
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.array(unit).map((parts) => parts.join('')),
      ),
      (text) => {
        expect(runInNewContext(`\`${escapeTemplate(text)}\``)).toBe(text)
      },
    ),
    { numRuns: testRuns(250) },
  )
})
