import { readdirSync } from 'node:fs'
import path from 'node:path'

import { DataSource } from 'typeorm'

import { queryPostgres } from '../../../../tools/testing/databases'
import { dialectNames } from '../run/databases'
import {
  backupsOf,
  first,
  openRestoreProject,
  type RestoreProject,
  describeRestorable,
  second,
} from './restore-project'

jest.setTimeout(120_000)

const [third, halfway] = ['cccccccccccc', 'dddddddddddd'] as const

/** A revision after `second`. */
function revision(id: string, down: string, name: string, statements: readonly string[], options = ''): string {
  return `import type { MigrationInterface, QueryRunner } from 'typeorm'

/** ${name} */
export class ${name}170000000000${String(id === third ? 2 : 3)} implements MigrationInterface {
  static readonly revision = '${id}'
  static readonly downRevision = '${down}'
  ${options}
  async up(queryRunner: QueryRunner): Promise<void> {
    ${statements.map((sql) => `await queryRunner.query(${JSON.stringify(sql)})`).join('\n    ')}
  }
  async down(): Promise<void> {}
}
`
}

const failing = {
  '1700000000002-third.ts': revision(third, second, 'Third', [`INSERT INTO "authors" VALUES (9, NULL)`]),
}
const failingHalfway = {
  '1700000000003-halfway.ts': revision(
    halfway,
    first,
    'Halfway',
    [`INSERT INTO "authors" VALUES (8, 'Eve')`, `INSERT INTO "authors" VALUES (9, NULL)`],
    'readonly transaction = false',
  ),
}

describeRestorable('restoreOnFailure on %s', (dialect) => {
  let project: RestoreProject
  beforeEach(async () => {
    project = await openRestoreProject(dialect)
  })
  afterEach(async () => {
    if (dialect === 'postgres') {
      const name = new URL(project.database.address).pathname.slice(1, 15)
      for (const row of await queryPostgres(
        `SELECT datname FROM pg_database WHERE datname LIKE '${name}%before_restore%'`,
      ))
        await queryPostgres(`DROP DATABASE "${String(row['datname'])}"`)
    }
    await project.remove()
  })

  const idOfBackup = (): string =>
    readdirSync(backupsOf(project))
      .filter((name) => name.endsWith('.json'))
      .map((name) => path.basename(name, '.json'))
      .join()

  test('restores the database when a revision fails after another was committed, and reports both', async () => {
    await project.write(failing)
    await expect(project.fresh().upgrade('head', { restoreOnFailure: true })).rejects.toMatchObject({
      code: 'ALUDEL_STATEMENT',
      message: expect.stringMatching(
        new RegExp(
          `^upgrade of revision ${third} \\(Third\\) failed at .*; the database was restored from backup ${idPattern}$`,
        ),
      ) as string,
      help: expect.stringMatching(
        /^It is as before this run\. What the run has left is kept as .*before.restore/,
      ) as string,
      details: { revision: third, restored: expect.stringMatching(idPattern) as string, current: [first] },
    })
    expect(await project.authors()).toEqual(['Ada', 'Bob', 'Cyd'])
    expect(await project.tables()).toContain('books')
    expect(await project.fresh().current()).toMatchObject({ current: [first] })
  })

  test('restores the database when a revision stops half-way, so that nothing is half-way', async () => {
    await project.write(failingHalfway)
    const migrator = project.fresh()
    await expect(migrator.upgrade(halfway, { restoreOnFailure: true })).rejects.toMatchObject({
      code: 'ALUDEL_STATEMENT',
      kind: 'failed',
      details: { kept: 1, current: [first] },
    })
    expect(await project.authors()).toEqual(['Ada', 'Bob', 'Cyd'])
    expect((await project.fresh().current({ verbose: true })).findings).toEqual([])
  })

  test('restores nothing when nothing was committed', async () => {
    await project.write(failing)
    const migrator = project.fresh()
    const error: unknown = await migrator
      .upgrade('head', { restoreOnFailure: true, transaction: 'all' })
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'ALUDEL_STATEMENT',
      help: expect.not.stringContaining('backup restore') as string,
    })
    expect((error as { details: object }).details).not.toHaveProperty('restored')
    expect(await project.tables()).toContain('books')
    await migrator.close()
  })

  test('shows the command that restores when it was not asked to restore', async () => {
    await project.write(failing)
    const migrator = project.fresh()
    await expect(migrator.upgrade('head')).rejects.toMatchObject({
      code: 'ALUDEL_STATEMENT',
      help: expect.stringMatching(
        new RegExp(`To bring back the database as it was before this run: aludel backup restore ${idPattern}$`),
      ) as string,
    })
    await migrator.close()
    expect(await project.tables()).not.toContain('books')
    const { restored } = await project.fresh().restoreBackup(idOfBackup())
    expect(restored).toBe(idOfBackup())
    expect(await project.tables()).toContain('books')
  })

  test('reports what keeps it from restoring, and how the run failed', async () => {
    await project.write(failing)
    // On SQLite, this process is one that has the file open.
    const other = await new DataSource(project.database.options).initialize()
    await expect(project.fresh().upgrade('head', { restoreOnFailure: true })).rejects.toMatchObject({
      code: 'ALUDEL_STATEMENT',
      message: expect.stringMatching(
        /failed at statement 1 .*; the database could not be restored: .* is in use by /,
      ) as string,
      help: expect.stringMatching(/aludel backup restore [^]*--disconnect/) as string,
    })
    await other.destroy()
    await project.fresh().restoreBackup(idOfBackup())
    expect(await project.tables()).toContain('books')
  })
})

const idPattern = '\\d{8}T\\d{6}Z-[0-9a-f]{4}'

describe.each(dialectNames)('restoreOnFailure on %s', (dialect) => {
  test('needs a backup', async () => {
    const project = await openRestoreProject(dialect)
    await expect(project.fresh().upgrade('head', { restoreOnFailure: true, backup: 'never' })).rejects.toMatchObject({
      code: 'ALUDEL_USAGE',
    })
    if (dialect === 'postgres') {
      // A copy of tables would not do.
      const migrator = project.fresh({ backups: { tools: project.directory } })
      await expect(migrator.upgrade('head', { restoreOnFailure: true })).rejects.toMatchObject({
        code: 'ALUDEL_BACKUP_TOOLS',
      })
      await migrator.close()
    }
    expect(await project.tables()).toContain('books')
    await project.remove()
  })
})
