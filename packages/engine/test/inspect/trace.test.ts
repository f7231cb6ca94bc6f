import { openProject, type TestProject } from '../migrator/project'
import { idOf, writeRevisions } from './revision-files'

describe('Migrator.lint with trace', () => {
  let project: TestProject
  beforeEach(async () => {
    project = await openProject('postgres')
  })
  afterEach(() => project.remove())

  const users = {
    id: 'a',
    message: 'make users',
    up: [
      'CREATE TABLE "users" ("id" integer PRIMARY KEY, "name" varchar(20), "age" integer NOT NULL)',
      'CREATE INDEX "ix_users_name" ON "users" ("name")',
    ],
    undo: ['DROP TABLE "users"'],
  }
  const lint = (range = 'head') => project.migrator([]).lint({ range, trace: true })

  test('measures every statement, up and down, on tables with rows', async () => {
    await writeRevisions(project, users, {
      id: 'b',
      message: 'larger ages',
      down: ['a'],
      up: [
        'ALTER TABLE "users" ALTER COLUMN "age" TYPE bigint',
        'ALTER TABLE "users" ALTER COLUMN "name" SET NOT NULL',
      ],
      undo: ['ALTER TABLE "users" ALTER COLUMN "name" DROP NOT NULL', 'SELECT 1'],
    })
    const { traces } = await lint()
    const step = { revision: idOf('b'), dialect: 'postgres' }
    const quiet = { rewrites: [], rebuilds: [], scans: [] }
    expect(traces).toEqual([
      {
        ...step,
        direction: 'upgrade',
        statements: [
          {
            sql: 'ALTER TABLE "users" ALTER COLUMN "age" TYPE bigint',
            locks: ['ACCESS EXCLUSIVE users'],
            rewrites: ['users'],
            rebuilds: expect.arrayContaining(['users_pkey', 'ix_users_name']) as string[],
            scans: ['users'],
          },
          {
            sql: 'ALTER TABLE "users" ALTER COLUMN "name" SET NOT NULL',
            ...quiet,
            locks: [],
            scans: ['users'],
          },
        ],
      },
      {
        ...step,
        direction: 'downgrade',
        statements: [
          {
            sql: 'ALTER TABLE "users" ALTER COLUMN "name" DROP NOT NULL',
            ...quiet,
            locks: ['ACCESS EXCLUSIVE users'],
          },
          { sql: 'SELECT 1', ...quiet, locks: [] },
        ],
      },
    ])
  })

  test('finds locks and rewrites that no text shows, and not those of tables that the revision makes', async () => {
    await writeRevisions(project, users, {
      id: 'b',
      message: 'hidden',
      down: ['a'],
      up: [
        'CREATE TABLE "new" ("id" integer)',
        `DO $$ BEGIN EXECUTE 'ALTER TABLE "users" ALTER COLUMN "age" TYPE bigint'; EXECUTE 'ALTER TABLE "new" ALTER COLUMN "id" TYPE bigint'; END $$`,
      ],
    })
    const { findings } = await lint()
    const measured = findings.filter(({ id }) => id.startsWith('M'))
    expect(measured).toMatchObject([
      {
        rule: 'unseen-lock',
        line: 11,
        table: 'users',
        message: 'it locks ACCESS EXCLUSIVE users, which its text does not show: this was measured',
      },
      { rule: 'unseen-rewrite', severity: 'error', line: 11, table: 'users' },
    ])
    expect(
      (await lint('base:head')).findings.filter(({ id, revision }) => id.startsWith('M') && revision === idOf('a')),
    ).toEqual([])
  })

  test('only notes the other table of a foreign key that is dropped, and nothing for a dropped index', async () => {
    const posts = [
      'CREATE TABLE "posts" ("id" integer PRIMARY KEY, "user_id" integer)',
      'ALTER TABLE "posts" ADD CONSTRAINT "fk_user" FOREIGN KEY ("user_id") REFERENCES "users" ("id")',
    ]
    await writeRevisions(
      project,
      { ...users, up: [...users.up, ...posts], undo: ['DROP TABLE "posts"', ...users.undo] },
      {
        id: 'b',
        message: 'less',
        down: ['a'],
        up: ['ALTER TABLE "posts" DROP CONSTRAINT "fk_user"', 'DROP INDEX "ix_users_name"'],
        undo: ['SELECT 1'],
      },
    )
    const { findings } = await lint()
    expect(findings.filter(({ rule }) => rule === 'unseen-lock')).toMatchObject([
      {
        severity: 'info',
        table: 'users',
        statement: 'ALTER TABLE "posts" DROP CONSTRAINT "fk_user"',
        help: 'Dropping a foreign key locks the table to which it refers, for a moment.',
      },
    ])
  })

  test('knows the statements of a revision whose file does not show them', async () => {
    await writeRevisions(project, users)
    await project.write({
      '1763750000005-later.ts': `import type { MigrationInterface, QueryRunner } from 'typeorm'

export class Later1763750000005 implements MigrationInterface {
  static readonly revision = '${idOf('b')}'
  static readonly downRevision = '${idOf('a')}'
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.createIndex('users', { name: 'ix_age', columnNames: ['age'] } as never)
  }
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropIndex('users', 'ix_age')
  }
}
`,
    })
    const found = (await lint()).findings.filter(({ direction }) => direction === 'upgrade')
    expect(found.filter(({ rule }) => rule === 'create-index')).toMatchObject([{ table: 'users', line: null }])
    const untraced = (await project.migrator([]).lint({ range: 'head' })).findings
    expect(untraced.filter(({ rule }) => rule === 'create-index')).toEqual([])
  })

  test('measures what runs outside a transaction statement by statement, where it can', async () => {
    await writeRevisions(project, users, {
      id: 'b',
      message: 'outside',
      down: ['a'],
      transaction: false,
      up: [
        'CREATE INDEX CONCURRENTLY "ix_age" ON "users" ("age")',
        'ALTER TABLE "users" ADD CONSTRAINT "ck" CHECK ("age" > 0) NOT VALID',
        'ALTER TABLE "users" VALIDATE CONSTRAINT "ck"',
      ],
    })
    const [up] = (await lint()).traces ?? []
    expect(up?.statements.map(({ locks, scans }) => [locks, scans])).toEqual([
      [null, null],
      [['ACCESS EXCLUSIVE users'], []],
      [['SHARE UPDATE EXCLUSIVE users'], ['users']],
    ])
  })

  test('continues without rows where a revision refuses them, and reports one that fails anyway', async () => {
    await writeRevisions(
      project,
      users,
      { id: 'b', message: 'refuses', down: ['a'], up: ['ALTER TABLE "users" ADD CONSTRAINT "ck" CHECK (false)'] },
      { id: 'c', message: 'no way back', down: ['b'], up: ['CREATE TABLE "c" ()'], undo: ['DROP TABLE "nothing"'] },
      { id: 'd', message: 'fails', down: ['c'], up: ['SELECT 1', 'SELECT * FROM "nowhere"'] },
      { id: 'e', message: 'after', down: ['d'], up: ['SELECT 1'] },
    )
    const { traces = [] } = await lint('base:head')
    expect(traces.map(({ revision, direction, error }) => [revision.charAt(0), direction, error])).toEqual([
      ['a', 'upgrade', undefined],
      ['a', 'downgrade', undefined],
      ['b', 'upgrade', undefined],
      ['b', 'downgrade', undefined],
      ['c', 'upgrade', undefined],
      ['c', 'downgrade', expect.stringContaining('nothing')],
      ['d', 'upgrade', expect.stringContaining('nowhere')],
    ])
  })
})

describe('Migrator.plan with trace', () => {
  test.each(['postgres', 'sqlite'] as const)('adds what was measured to each step on %s', async (dialect) => {
    const project = await openProject(dialect)
    try {
      await writeRevisions(
        project,
        { id: 'a', message: 'users', up: ['CREATE TABLE "users" ("id" integer)'], undo: ['DROP TABLE "users"'] },
        {
          id: 'b',
          message: 'index',
          down: ['a'],
          up: ['CREATE INDEX "ix" ON "users" ("id")'],
          undo: ['DROP INDEX "ix"'],
        },
      )
      const migrator = project.migrator([])
      await migrator.upgrade('+1')
      const [up, ...others] = (await migrator.plan('upgrade', 'head', { trace: true })).steps
      expect(others).toEqual([])
      const sql = 'CREATE INDEX "ix" ON "users" ("id")'
      const takesMs = expect.any(Number) as number
      const traced = dialect === 'postgres' ? { locks: ['SHARE users'], scans: ['users'] } : { locks: [], scans: [] }
      expect(up?.measured).toMatchObject([{ sql, rewrites: [], rebuilds: [], ...traced, takesMs }])
      expect((await migrator.plan('upgrade')).steps[0]).not.toHaveProperty('measured')
      const [down] = (await migrator.plan('downgrade', 'base', { trace: true })).steps
      expect(down?.measured?.map(({ locks }) => locks)).toEqual([
        dialect === 'postgres' ? ['ACCESS EXCLUSIVE users'] : [],
      ])
    } finally {
      await project.remove()
    }
  })
})

test('Migrator.plan with trace says why a step was not measured to its end', async () => {
  const project = await openProject('postgres')
  try {
    const up = ['CREATE TABLE "users" ("id" integer)', 'SELECT * FROM "nowhere"', 'SELECT 1']
    await writeRevisions(
      project,
      { id: 'a', message: 'fails', up },
      { id: 'b', message: 'after it', down: ['a'], up: [] },
    )
    const { steps } = await project.migrator([]).plan('upgrade', 'head', { trace: true })
    expect(steps[0]).toMatchObject({
      measured: [{ sql: 'CREATE TABLE "users" ("id" integer)' }],
      unmeasured: 'relation "nowhere" does not exist',
    })
    expect(steps[1]).not.toHaveProperty('measured')
    expect(steps[1]).not.toHaveProperty('unmeasured')
  } finally {
    await project.remove()
  }
})

test('Migrator.lint with trace stops before the next revision when its signal says so', async () => {
  const project = await openProject('postgres')
  try {
    await writeRevisions(project, { id: 'a', message: 'users', up: ['CREATE TABLE "users" ("id" integer)'] })
    const canceled = new Error('the client has gone')
    const migrator = project.migrator([]).derive({ signal: AbortSignal.abort(canceled) })
    const interrupted = { code: 'ALUDEL_INTERRUPTED', cause: canceled }
    await expect(migrator.lint({ trace: true })).rejects.toMatchObject(interrupted)
    await expect(migrator.lint()).rejects.toMatchObject(interrupted)
    await expect(migrator.plan('upgrade', 'head', { trace: true })).rejects.toMatchObject(interrupted)
  } finally {
    await project.remove()
  }
})

test('Migrator.lint with trace measures nothing on SQLite, and runs no code there', async () => {
  const project = await openProject('sqlite')
  try {
    await writeRevisions(project, { id: 'a', message: 'fails', up: ['SELECT * FROM "nowhere"'] })
    expect(await project.migrator([]).lint({ trace: true })).toMatchObject({ revisions: 1, traces: [] })
  } finally {
    await project.remove()
  }
})
