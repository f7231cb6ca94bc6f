// cspell:ignore byhand
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

import type {
  CheckResult,
  CreateResult,
  CurrentResult,
  RevisionsResult,
  StampResult,
  VerifyResult,
} from '@aludel/engine'

import { hasPgTools } from '../../../../tools/testing/pg-tools'
import { dialects, writeFiles } from './harness'
import { ids, revision, run, user } from './shop'
import { useShop } from './shop-project'

describe.each(dialects)('create, check, stamp and verify on %s', (dialect) => {
  const project = useShop(dialect)

  test('create writes a revision only when entities changed; check reports changes and drift', async () => {
    expect((await project.succeeds('create same --json')).json<CreateResult>()).toMatchObject({
      created: null,
      operations: [],
      destroys: [],
      sql: {},
    })
    expect((await project.succeeds('check --json')).json<CheckResult>()).toEqual({
      clean: true,
      operations: [],
      unmanaged: [],
      names: [],
      branches: [],
      database: null,
    })

    writeFiles(project.directory, {
      'entities/user.ts': user("@Column({ type: 'integer', nullable: true }) age?: number"),
    })
    const check = await project.migrate('check --json')
    expect(check.code).toBe(3)
    expect(check.json<CheckResult>()).toMatchObject({
      clean: false,
      operations: [{ op: 'addColumn', table: 'users', name: 'age', destroys: false, dialects: [dialect] }],
    })
    expect((await project.migrate('check')).stdout).toContain('add column users.age')

    const before = readdirSync(path.join(project.directory, 'migrations'))
    const preview = (await project.succeeds('create age --sql --json')).json<CreateResult>()
    expect(preview.created).toBeNull()
    expect(preview.sql[dialect]?.up.join()).toContain('"age"')
    expect(readdirSync(path.join(project.directory, 'migrations'))).toEqual(before)

    const ran = await project.aludel(['migrate', 'create', 'add age to users', '--json'])
    expect(ran.code).toBe(0)
    const { created, destroys } = ran.json<CreateResult>()
    expect(destroys).toEqual([])
    expect(readFileSync(created?.path ?? '', 'utf8')).toContain(`downRevision = '${ids.posts}'`)
    expect((await project.migrate('check')).code).toBe(0)
    await project.succeeds('upgrade')
    const live = await project.succeeds('check --database --json')
    expect(live.json<CheckResult>().database).toMatchObject({ clean: true, operations: [] })
    await project.database.query('ALTER TABLE "users" ADD COLUMN "byhand" integer')
    const drift = await project.migrate('check --database')
    expect(drift.code).toBe(3)
    expect(drift.stdout).toContain('users.byhand')
  })

  test('create reports rows that block a new column, and accepts a backfill for them', async () => {
    await project.succeeds('upgrade')
    await project.database.query(`INSERT INTO "users" ("id", "name") VALUES (1, 'Ada'), (2, 'Grace')`)
    writeFiles(project.directory, {
      'entities/user.ts': user("@Column({ type: 'varchar', length: 60 }) label!: string"),
    })
    const refused = await project.migrate('create label')
    expect(refused.code).toBe(4)
    expect(refused.stderr).toContain('[ALUDEL_CONFIRMATION]')
    expect(refused.stderr).toContain('2 rows of the database violate this')
    expect(refused.stderr).toContain('--backfill "users.label=<SQL expression>"')

    const wrong = await project.aludel(['migrate', 'create', 'label', '--backfill', 'users.nothing=1'])
    expect(wrong.code).toBe(2)
    expect(wrong.stderr).toContain('no column users.nothing is new')

    const created = await project.aludel([
      ...['migrate', 'create', 'label', '--json'],
      ...['--backfill', `${dialect}:users.label='*' || name`],
    ])
    expect(created.json<CreateResult>()).toMatchObject({
      destroys: [],
      answers: [{ kind: 'backfill', flag: `${dialect}:users.label='*' || name` }],
    })
    await project.succeeds('upgrade')
    expect(await project.database.query('SELECT "label" FROM "users" ORDER BY "id"')).toEqual([
      { label: '*Ada' },
      { label: '*Grace' },
    ])
  })

  test('stamp refuses a mismatched database, and --force and --purge change its history', async () => {
    const refused = await project.migrate('stamp head')
    expect(refused.code).toBe(4)
    expect(refused.stderr).toContain('[ALUDEL_STAMP_MISMATCH]')
    expect((await project.succeeds('stamp head --force --json')).json<StampResult>()).toEqual({
      from: [],
      to: [ids.posts],
    })
    expect((await project.succeeds('stamp base --sql')).stdout).toContain('DELETE FROM')
    expect((await project.succeeds('stamp base --purge')).stdout).toContain('Nothing was run')
    expect((await project.succeeds('current --json')).json<CurrentResult>().current).toEqual([])
  })

  test('verify reports a down that does not restore the schema, and exits with 3', async () => {
    const good = await project.succeeds('verify --json')
    const rows = ['none', 'kept', 'kept']
    expect(good.json<VerifyResult>().revisions).toEqual(
      [ids.users, ids.email, ids.posts].map((id, index) => ({
        ...{ revision: id, dialect, up: 'ok', down: 'ok', message: '' },
        rows: rows[index],
      })),
    )
    writeFiles(project.directory, {
      'migrations/1700000000004-oneway.ts': revision({
        name: 'OneWay1700000000004',
        id: 'dddd11112222',
        down: `'${ids.posts}'`,
        message: 'one way',
        up: run('CREATE TABLE "extra" ("id" integer)'),
        undo: '',
      }),
    })
    const bad = await project.migrate('verify head:head')
    expect(bad.code).toBe(3)
    expect(bad.stdout).toMatch(/dddd11112222 +(sqlite|postgres) +up ok +down differs/)
  })

  test('verify says that a revision was verified with empty tables', async () => {
    const [up, undo] = [`CREATE TABLE "one" ("kind" varchar(9) NOT NULL, CHECK ("kind" = 'only'))`, 'DROP TABLE "one"']
    writeFiles(project.directory, {
      'migrations/1700000000004-one.ts': revision({
        name: 'One1700000000004',
        id: 'dddd11112222',
        down: `'${ids.posts}'`,
        message: 'one',
        up: run(up),
        undo: run(undo),
      }),
      'migrations/1700000000005-unique.ts': revision({
        name: 'Unique1700000000005',
        id: 'eeee11112222',
        down: `'dddd11112222'`,
        message: 'unique',
        up: run('CREATE UNIQUE INDEX "u" ON "one" ("kind")'),
        undo: run('DROP INDEX "u"'),
      }),
    })
    expect((await project.succeeds('verify head:head')).stdout).toMatch(
      /eeee11112222 +\w+ +up ok +down ok +with empty tables: it refuses sample rows/,
    )
  })

  const observable = dialect === 'sqlite' || hasPgTools ? test : test.skip
  observable('verify --observe compares the last revision with the entities, and exits with 3', async () => {
    const good = await project.succeeds('verify head:head --observe --json')
    expect(good.json<VerifyResult>()).toMatchObject({
      revisions: [{ revision: ids.posts, down: 'ok', observed: true }],
      entities: [{ dialect, differences: [] }],
    })
    writeFiles(project.directory, {
      'migrations/1700000000004-extra.ts': revision({
        name: 'Extra1700000000004',
        id: 'dddd11112222',
        down: `'${ids.posts}'`,
        message: 'extra',
        up: run('CREATE TABLE "extra" ("id" integer)'),
        undo: run('DROP TABLE "extra"'),
      }),
    })
    const bad = await project.migrate('verify head:head --observe')
    expect(bad.code).toBe(3)
    expect(bad.stdout).toContain(`✗ The revisions give another schema than the entities (${dialect}):\n    extra: `)
    expect(bad.stdout).toMatch(/dddd11112222 +\w+ +up ok +down ok/)
  })
})

// These do not depend on the dialect.
describe('create, merge and downgrade', () => {
  const project = useShop('sqlite')

  test('create refuses renames and losses that no option answers', async () => {
    writeFiles(project.directory, {
      'entities/user.ts': user('', "@Column({ type: 'varchar', length: 100, nullable: true }) mail?: string"),
    })
    const question = await project.migrate('create mail --yes')
    expect(question.code).toBe(4)
    expect(question.stderr).toMatch(/^error: .* \[ALUDEL_RENAME_QUESTION\]$/m)
    expect(question.stderr).toContain('--rename users.email=mail')
    expect(question.stderr).toContain('--no-rename users.email')

    const loss = await project.migrate('create mail --no-rename users.email')
    expect(loss.code).toBe(4)
    expect(loss.stderr).toContain('[ALUDEL_CONFIRMATION]')

    const dropped = await project.succeeds('create mail --no-rename users.email --yes --sql --json')
    expect(
      dropped
        .json<CreateResult>()
        .operations.map(({ op }) => op)
        .sort(),
    ).toEqual(['addColumn', 'dropColumn'])
    const renamed = await project.succeeds('create mail --rename users.email=mail --json')
    expect(renamed.json<CreateResult>()).toMatchObject({ operations: [{ op: 'renameColumn' }], destroys: [] })
  })

  test('create --no-autogenerate starts a labeled branch, and merge joins it again', async () => {
    const ran = await project.succeeds(
      `create data --no-autogenerate --head ${ids.users} --splice --rev-id 0123456789ab --branch-label side --depends-on ${ids.email} --json`,
    )
    expect(ran.json<CreateResult>().created?.revision).toBe('0123456789ab')
    const shown = (await project.succeeds('show side@head --json')).json<RevisionsResult>()
    expect(shown.revisions).toMatchObject([
      { revision: '0123456789ab', down: [ids.users], branchLabels: ['side'], dependsOn: [ids.email] },
    ])
    expect((await project.succeeds('branches')).stdout).toContain('(branchpoint)')

    const ambiguous = await project.migrate('upgrade')
    expect(ambiguous.code).toBe(2)
    expect(ambiguous.stderr).toContain('[ALUDEL_MULTIPLE_HEADS]')
    await project.succeeds('upgrade heads')
    expect((await project.succeeds('merge heads -m join --json')).json<CreateResult>().created).not.toBeNull()
    expect((await project.succeeds('history')).stdout).toContain('(mergepoint)')
    await project.succeeds('upgrade')
    expect((await project.succeeds('current --json')).json<CurrentResult>()).toMatchObject({
      pending: 0,
      upToDate: true,
    })
  })

  test('current warns once about all applied revisions that have no file; downgrade refuses', async () => {
    await project.succeeds('upgrade')
    for (let index = 0; index < 5; index++) {
      await project.database.query(
        `INSERT INTO "migrations" ("timestamp", "name") VALUES (${String(index)}, 'Gone${String(index)}')`,
      )
    }
    const current = await project.succeeds('current')
    expect(current.stdout).toBe(`${ids.posts} (head)\n`)
    expect(current.stderr).toBe(
      'warning: the database has revisions with no matching file: Gone0, Gone1, Gone2 and 2 others\n',
    )
    expect((await project.succeeds('current --json')).json<CurrentResult>().unknown).toHaveLength(5)
    const refused = await project.migrate('downgrade --yes')
    expect(refused).toMatchObject({ code: 4, stderr: expect.stringContaining('[ALUDEL_UNKNOWN_APPLIED]') as string })
  })
})
