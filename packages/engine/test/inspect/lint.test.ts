import { execFileSync } from 'node:child_process'

import type { MigratorOptions } from '../../src/project/options'
import type { LintFinding, LintResult } from '../../src/results'
import { openProject, type TestProject } from '../migrator/project'
import { dialectNames } from '../run/databases'
import { rejection } from '../run/revisions'
import { idOf, writeRevisions } from './revision-files'

const [a, b, c] = [idOf('a'), idOf('b'), idOf('c')]

const orders = {
  id: 'a',
  message: 'make orders',
  up: ['CREATE TABLE "orders" ("id" integer PRIMARY KEY, "email" varchar(50), "note" text)'],
  undo: ['DROP TABLE "orders"'],
}
const shorter = { id: 'b', message: 'forget notes', down: ['a'], up: ['DROP TABLE "notes"', 'DROP TABLE "orders"'] }

/** A revision as a hand writes it. */
function file(timestamp: number, id: string, parent: string, up: string): Record<string, string> {
  return {
    [`${String(timestamp)}-${id}.ts`]: `import type { MigrationInterface, QueryRunner } from 'typeorm'

export class R${id}${String(timestamp)} implements MigrationInterface {
  static readonly revision = '${id}'
  static readonly downRevision = '${parent}'
  async up(queryRunner: QueryRunner): Promise<void> {
${up}
  }
  async down(): Promise<void> {}
}
`,
  }
}

describe.each(dialectNames)('Migrator.lint on %s', (dialect) => {
  let project: TestProject
  beforeEach(async () => {
    project = await openProject(dialect)
  })
  afterEach(() => project.remove())

  const only = (...names: readonly string[]): Partial<MigratorOptions> => ({
    lint: { rules: { 'missing-down': 'off', ...Object.fromEntries(names.map((name) => [name, 'error'])) } },
  })
  const lint = (range?: string, options: Partial<MigratorOptions> = {}): Promise<LintResult> =>
    project.migrator([], { ...only(), ...options }).lint({ range })
  const of = (findings: readonly LintFinding[], rule: string): readonly LintFinding[] =>
    findings.filter((finding) => finding.rule === rule)

  test('finds what a revision loses, with its place in the file', async () => {
    await writeRevisions(project, orders, shorter)
    const { findings, revisions, ignored } = await lint()
    expect({ revisions, ignored }).toEqual({ revisions: 2, ignored: 0 })
    expect(of(findings, 'drop-table')).toEqual([
      expect.objectContaining({
        id: 'D1',
        category: 'loss',
        severity: 'error',
        revision: b,
        direction: 'upgrade',
        dialects: [dialect],
        path: `migrations/1763750000001-${b}.ts`,
        line: 10,
        statement: 'DROP TABLE "notes"',
        table: 'notes',
      }) as LintFinding,
      expect.objectContaining({ line: 11, statement: 'DROP TABLE "orders"', table: 'orders' }) as LintFinding,
    ])
  })

  test('reads only the range, knows what was made below it, and no code runs', async () => {
    await writeRevisions(project, orders, shorter, { id: 'c', message: 'nothing', down: ['b'], up: ['SELECT 1'] })
    expect((await lint('head')).findings.filter(({ revision }) => revision !== c)).toEqual([])
    expect((await lint('head')).revisions).toBe(1)
    expect((await lint(`${a}:${b}`)).revisions).toBe(2)
    const some = await project.migrator([], only()).lint({ revisions: [c, a, idOf('z')] })
    expect(some.revisions).toBe(2)
    expect(new Set(some.findings.map(({ revision }) => revision)).has(b)).toBe(false)
    await project.write(file(1763750000009, idOf('d'), c, `    throw new Error('it runs')`))
    expect(of((await lint('head')).findings, 'drop-table')).toEqual([])
  })

  test('takes rules off and changes their severity as the settings say', async () => {
    await writeRevisions(project, orders, shorter)
    const rules = { 'drop-table': 'off' } as const
    expect(of((await lint(undefined, { lint: { rules } })).findings, 'drop-table')).toEqual([])
    const mild = await lint(undefined, { lint: { rules: { 'drop-table': 'info' } } })
    expect(of(mild.findings, 'drop-table').map(({ severity }) => severity)).toEqual(['info', 'info'])
    const error = await rejection(lint(undefined, { lint: { rules: { 'drop-tables': 'off' } } }))
    expect(error).toMatchObject({
      code: 'ALUDEL_CONFIG',
      message: 'lint.rules names a rule that does not exist: drop-tables',
      help: 'Did you mean drop-table? `aludel migrate lint --list` shows all of them.',
      details: { keys: ['lint.rules.drop-tables'] },
    })
  })

  test('ignores what a comment directly above the statement, or one for the file, gives a reason for', async () => {
    await writeRevisions(project, orders)
    await project.write(
      file(
        1763750000005,
        b,
        a,
        `    // aludel-lint-ignore drop-table: empty since release 12
    // (see the ticket)
    await queryRunner.query('DROP TABLE "notes"')
    await queryRunner.query('DROP TABLE "orders"')
    // aludel-lint-ignore drop-table
    await queryRunner.query('DROP TABLE "lines"')
    // aludel-lint-ignore drop-table, nothing-like-it: moved
    const table = 'DROP TABLE "moved"'
    await queryRunner.query(table)`,
      ),
    )
    const { findings, ignored } = await lint('head')
    expect(ignored).toBe(1)
    expect(of(findings, 'drop-table').map(({ table }) => table)).toEqual(['orders', 'lines', 'moved'])
    expect(of(findings, 'ignore-without-reason')).toMatchObject([
      { severity: 'error', line: 11, direction: null, statement: null, dialects: [] },
    ])
    expect(of(findings, 'unused-ignore')).toMatchObject([
      { line: 13, message: 'the comment ignores drop-table, nothing-like-it, which finds nothing there' },
    ])
    expect(findings.map(({ line }) => line)).toEqual(
      findings.map(({ line }) => line).toSorted((x, y) => (x ?? 0) - (y ?? 0)),
    )

    await project.write(
      file(
        1763750000005,
        b,
        a,
        `    /* aludel-lint-ignore-file drop-table: the shop is closed */
    for (const name of ['"a"', '"b"']) await queryRunner.query('DROP TABLE ' + name)`,
      ),
    )
    const whole = await lint('head')
    expect([of(whole.findings, 'drop-table'), of(whole.findings, 'unused-ignore'), whole.ignored]).toEqual([[], [], 2])
  })

  test('asks the database for sizes, for what was edited and for what was left out', async () => {
    await writeRevisions(project, orders)
    const migrator = project.migrator([], only())
    await migrator.upgrade()
    await project.database.rows(`INSERT INTO "orders" ("id") VALUES (1), (2), (3)`)
    if (dialect === 'postgres') await project.database.rows('ANALYZE "orders"')
    await writeRevisions(project, { ...shorter, up: ['DROP TABLE "orders"'] })
    const fresh = project.migrator([], only())
    const [found] = of((await fresh.lint({ database: true })).findings, 'drop-table')
    expect(found).toMatchObject({ table: 'orders', rows: 3 })
    expect(of((await fresh.lint()).findings, 'drop-table')[0]).not.toHaveProperty('rows')

    const [name = ''] = Object.keys(await project.files())
    const [text = ''] = Object.values(await project.files())
    await project.write({ [name]: text.replace('varchar(50)', 'varchar(60)') })
    const edited = await project.migrator([], only()).lint({ range: a, database: true })
    expect(of(edited.findings, 'edited-revision')).toMatchObject([{ revision: a, severity: 'error', direction: null }])
  })

  test('looks only at files that are new since a commit, committed or not', async () => {
    const git = (...args: readonly string[]): void => {
      const identity = ['-c', 'user.name=test', '-c', 'user.email=test@example.com']
      execFileSync('git', [...identity, ...args], { cwd: project.directory, stdio: 'ignore' })
    }
    await writeRevisions(project, orders)
    git('init', '-b', 'main')
    git('add', '.')
    git('commit', '-m', 'one')
    git('checkout', '-b', 'feature')
    await writeRevisions(project, shorter)
    git('add', '.')
    git('commit', '-m', 'two')
    await writeRevisions(project, { id: 'c', message: 'three', down: ['b'], up: ['DROP TABLE "c"'] })
    const since = async (ref: string): Promise<readonly string[]> => {
      const { findings } = await project.migrator([], only()).lint({ since: ref })
      return of(findings, 'drop-table').map(({ table = '' }) => table)
    }
    expect(await since('main')).toEqual(['notes', 'orders', 'c'])
    expect(await since('HEAD')).toEqual(['c'])
    const error = await rejection(since('nowhere'))
    expect(error).toMatchObject({ code: 'ALUDEL_GIT', message: 'git does not know what is new since "nowhere"' })
    expect(await rejection(since('--output=x'))).toMatchObject({ code: 'ALUDEL_GIT' })
  })
})

describe('Migrator.lint in a project of two dialects', () => {
  test('reports what it finds on both once, with what differs apart', async () => {
    const project = await openProject('sqlite')
    try {
      await writeRevisions(project, orders, shorter)
      const migrator = project.migrator([], { dialects: ['sqlite', 'postgres'] })
      const { findings } = await migrator.lint({ range: 'head' })
      const dropped = findings.filter(({ rule }) => rule === 'drop-table')
      expect(dropped.map(({ dialects, table }) => [dialects, table])).toEqual([
        [['sqlite', 'postgres'], 'notes'],
        [['sqlite', 'postgres'], 'orders'],
      ])
    } finally {
      await project.remove()
    }
  })
})
