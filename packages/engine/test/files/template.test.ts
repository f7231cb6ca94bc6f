import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'

import { createModuleLoader, loadMigration } from '../../src/files/load'
import { readRevisions } from '../../src/files/read'
import { defaultTemplate, readTemplate, templateExtension, templateName } from '../../src/files/template'
import { renderRevisionFile, type RevisionFileSpec, writeRevisionFile } from '../../src/files/write'
import { project, removeFolders } from '../../../../tools/testing/folders'

afterAll(removeFolders)

const languages = ['ts', 'js-esm', 'js-cjs', 'mjs', 'cjs'] as const

function spec(changes: Partial<RevisionFileSpec> = {}): RevisionFileSpec {
  return {
    id: '3f9c1b7a2d40',
    timestamp: 1_763_750_000_000,
    message: 'add priority to workflows',
    downRevision: ['a1b2c3d4e5f6'],
    branchLabels: ['reports'],
    dependsOn: [],
    language: 'ts',
    header: ['add column workflows.priority integer'],
    body: {
      sqlite: {
        up: [{ sql: 'ALTER TABLE "workflows"\n    ADD COLUMN "priority" integer', comment: 'workflows: add priority' }],
        down: [{ sql: 'ALTER TABLE "workflows" DROP COLUMN "priority"' }],
      },
    },
    driverTypes: { sqlite: ['better-sqlite3'] },
    ...changes,
  }
}

const squash: Partial<RevisionFileSpec> = { replaces: [{ id: 'aa', name: 'A1' }] }
const merge: Partial<RevisionFileSpec> = { downRevision: ['aa', 'bb'], body: null }
const byHand: Partial<RevisionFileSpec> = { body: null }

/** A directory with a template of this language. */
function withTemplate(text: string, language: RevisionFileSpec['language'] = 'ts'): Promise<string> {
  return project({
    [templateName(language)]: text,
    'package.json': language === 'js-esm' ? '{"type":"module"}' : '{}',
  })
}

const template = defaultTemplate('ts')

describe('the default template', () => {
  test.each(languages)('gives the file of the tool itself (%s)', async (language) => {
    const directory = await withTemplate(defaultTemplate(language), language)
    for (const changes of [{}, byHand, { transaction: false as const }]) {
      const one = spec({ language, ...changes })
      expect(await (await readTemplate(directory, language))?.render(one)).toBe(renderRevisionFile(one))
    }
  })

  test.each(languages)('serves merges and squashes, which load (%s)', async (language) => {
    const directory = await withTemplate(defaultTemplate(language), language)
    await writeRevisionFile(directory, spec({ language, ...merge }))
    await writeRevisionFile(directory, spec({ language, ...squash, id: 'cc', timestamp: 1_763_750_000_001 }))
    const { revisions } = await readRevisions([directory])
    expect(revisions).toMatchObject([{ down: ['aa', 'bb'] }, { id: 'cc', replaces: squash.replaces }])
    for (const revision of revisions)
      expect(await loadMigration(revision, createModuleLoader())).toMatchObject({ up: expect.any(Function) as unknown })
  })
})

test('a template places the parts of a revision between its own text, and keeps the text of statements', async () => {
  const directory = await withTemplate(
    `\uFEFF// Copyright of the shop, {{date}}\r
import type { MigrationInterface, QueryRunner } from 'typeorm'\r
\r
{{ doc }}\r
export class {{class}} implements MigrationInterface {\r
\t{{fields}}\r
\r
\tasync up(queryRunner: QueryRunner): Promise<void> {\r
\t\t{{up}}\r
\t}\r
\tasync down(queryRunner: QueryRunner): Promise<void> {\r
\t\t{{down}}\r
\t}\r
}\r
// {{revision}}\r
`,
  )
  const { path: file } = await writeRevisionFile(directory, spec())
  expect(await readFile(file, 'utf8')).toBe(`// Copyright of the shop, 2025-11-21
import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * add priority to workflows
 *
 * add column workflows.priority integer
 */
export class AddPriorityToWorkflows1763750000000 implements MigrationInterface {
\tstatic readonly revision = '3f9c1b7a2d40'
\tstatic readonly downRevision = 'a1b2c3d4e5f6'
\tstatic readonly branchLabels = ['reports']

\tasync up(queryRunner: QueryRunner): Promise<void> {
\t\t// workflows: add priority
\t\tawait queryRunner.query(\`ALTER TABLE "workflows"
    ADD COLUMN "priority" integer\`)
\t}
\tasync down(queryRunner: QueryRunner): Promise<void> {
\t\tawait queryRunner.query(\`ALTER TABLE "workflows" DROP COLUMN "priority"\`)
\t}
}
// 3f9c1b7a2d40
`)
})

test('text of a revision that looks like a placeholder is not replaced', async () => {
  const directory = await withTemplate(template)
  const message = 'fill {{up}} and {{class}} with $& and $1'
  const sql = 'UPDATE "notes" SET "body" = \'{{down}} $& {{nothing}}\''
  const one = spec({ message, body: { sqlite: { up: [{ sql }], down: [{ sql }] } } })
  expect(await (await readTemplate(directory, 'ts'))?.render(one)).toBe(renderRevisionFile(one))
})

test.each<readonly [string, string, readonly (string | RegExp)[]]>([
  ['lacks placeholders', 'export class X {}', ['it lacks {{doc}}; it lacks {{fields}}', '{{class}}']],
  ['is empty', '', ['it lacks {{doc}}']],
  ['has an unknown placeholder', `${template}// {{author}}\n`, ['line 15 has the unknown {{author}}']],
  [
    'has a placeholder twice',
    template.replace('{{down}}', '{{up}}'),
    ['it lacks {{down}}', 'line 12 has {{up}} again'],
  ],
  ['has code beside a placeholder', template.replace('{{up}}', 'log(); {{up}}'), ['line 8 has more than {{up}}']],
  ['does not parse', template.replace('async down', 'async down down'), ['cannot be read', '`async down down(']],
  ['exports no migration', template.replace('export class', 'class'), ['exports no migration class']],
  ['exports two migrations', `${template}export class Other1763750000000 { async up() {} }\n`, ['with 2 migrations']],
  ['has another class name', template.replace('{{class}}', 'Fixed1763750000000 /* {{class}} */'), ['another name']],
  [
    'loses the message',
    template.replace('{{doc}}', '{{doc}}\nconst x = 1\n'),
    ['another message: "', 'before the class'],
  ],
  [
    'runs more',
    template.replace('{{up}}', "await queryRunner.query('DROP TABLE x')\n    {{up}}"),
    ['upgrade on better-sqlite3'],
  ],
  [
    'runs code',
    template.replace('{{down}}', 'await queryRunner.clearDatabase()\n    {{down}}'),
    [/of the written file, line 15 calls/],
  ],
  [
    'runs its parts the wrong way',
    template.replace('{{up}}', '{{x}}').replace('{{down}}', '{{up}}').replace('{{x}}', '{{down}}'),
    ['changes what a revision runs'],
  ],
  [
    'decides about the transaction',
    template.replace('{{fields}}', '{{fields}}\n  readonly transaction = false'),
    ['another transaction: false'],
  ],
])('a template that %s is refused, and nothing is written', async (_, text, expected) => {
  const directory = await withTemplate(text)
  const error: unknown = await writeRevisionFile(directory, spec()).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({
    code: 'ALUDEL_TEMPLATE',
    details: { path: path.join(directory, 'revision.ts.template') },
  })
  for (const part of expected)
    expect((error as Error & { help: string }).message + (error as { help: string }).help).toMatch(part)
  expect((await readdir(directory)).filter((name) => name.startsWith('1'))).toEqual([])
})

test('a template that is a directory is refused', async () => {
  const directory = await project({ 'revision.ts.template/x': '' })
  await expect(readTemplate(directory, 'ts')).rejects.toMatchObject({ code: 'ALUDEL_TEMPLATE' })
})

test('a template is of one language, and readers of revisions and TypeORM skip it', async () => {
  const directory = await withTemplate(defaultTemplate('mjs'), 'mjs')
  expect(await templateExtension(directory)).toBe('mjs')
  expect(await readTemplate(directory, 'ts')).toBeUndefined()
  expect(await templateExtension(path.join(directory, 'nowhere'))).toBeUndefined()
  expect(await readRevisions([directory])).toEqual({ revisions: [], warnings: [], skipped: [] })
})
