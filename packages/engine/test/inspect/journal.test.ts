// cspell:ignore geheim ÜBER über
import type { DataSourceOptions } from 'typeorm'

import { readOnlySqlite } from '../../../../tools/testing/databases'
import type { JournalOptions } from '../../src/inspect/journal'
import type { Migrator } from '../../src/migrator'
import type { JournalRun } from '../../src/results'
import { openProject, type TestProject } from '../migrator/project'
import { dialectNames } from '../run/databases'
import { rejection } from '../run/revisions'
import { idOf, writeRevisions } from './revision-files'

describe.each(dialectNames)('journal on %s', (dialect) => {
  let project: TestProject
  let migrator: Migrator
  beforeEach(async () => {
    project = await openProject(dialect)
    migrator = project.migrator([])
    await writeRevisions(
      project,
      { id: 'a', message: 'make users', up: ['CREATE TABLE "users" ("id" integer)'], undo: ['DROP TABLE "users"'] },
      { id: 'b', message: 'bonus 100% extra', down: ['a'], up: ['SELECT nothing FROM nowhere_at_all'] },
    )
  })
  afterEach(() => project.remove())

  const read = async (options: JournalOptions = {}, from = migrator): Promise<readonly JournalRun[]> =>
    (await from.journal(options)).runs
  const shortly = (runs: readonly JournalRun[]) =>
    runs.map(({ revision, direction, outcome }) => `${direction} ${revision.replace(/0+$/, '')} ${outcome}`)

  /** An upgrade, a failed one, a downgrade, and a stamp. */
  const work = async (): Promise<void> => {
    await rejection(migrator.upgrade())
    await migrator.downgrade('base')
    await migrator.stamp(['a'], { force: true })
  }

  /** Adds entries with the ids of nobody's files. */
  const fill = (count: number): Promise<unknown> =>
    project.database.rows(
      `INSERT INTO "aludel_journal" ("run_id", "revision", "name", "direction", "statement", "checksum", "started_at", ` +
        `"finished_at", "duration_ms", "actor", "tool_version", "outcome", "error", "history") WITH RECURSIVE n(i) AS ` +
        `(SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${String(count)}) SELECT 'run', 'r' || i, 'R' || i, 'upgrade', 1, ` +
        `'', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, 5, 'ann@host', '0.1.0', 'done', NULL, 'migrations' FROM n`,
    )

  test('is empty in a database without a journal', async () => {
    expect(await migrator.journal()).toEqual({ runs: [], next: null })
    await expect(project.database.rows('SELECT 1 FROM "aludel_journal"')).rejects.toThrow()
  })

  test('lists what was done, newest first', async () => {
    await work()
    const runs = await read()
    expect(shortly(runs)).toEqual(['stamp a done', 'downgrade a done', 'upgrade b failed', 'upgrade a done'])
    expect(runs[3]).toEqual({
      revision: idOf('a'),
      name: 'Ra000000000001763750000000',
      message: 'make users',
      direction: 'upgrade',
      outcome: 'done',
      statement: 1,
      startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
      finishedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
      durationMs: expect.any(Number) as number,
      actor: 'test@host',
      toolVersion: expect.stringMatching(/^\d/) as string,
      error: null,
    })
    expect(runs[2]?.error).toContain('nowhere_at_all')
  })

  test('filters by revision and by outcome', async () => {
    await work()
    expect(shortly(await read({ revision: idOf('a') }))).toEqual(['stamp a done', 'downgrade a done', 'upgrade a done'])
    expect(shortly(await read({ outcome: 'failed' }))).toEqual(['upgrade b failed'])
    expect(shortly(await read({ outcome: 'done', revision: idOf('b') }))).toEqual([])
    expect(shortly(await read({ outcome: 'running' }))).toEqual([])
    await project.database.rows(`UPDATE "aludel_journal" SET "outcome" = 'running' WHERE "direction" = 'downgrade'`)
    expect(shortly(await read({ outcome: 'running' }))).toEqual(['downgrade a running'])
  })

  test('finds an entry of a file whose id was changed', async () => {
    await work()
    await project.database.rows(`UPDATE "aludel_journal" SET "revision" = 'before' WHERE "direction" = 'downgrade'`)
    expect(await read({ revision: idOf('a') })).toHaveLength(3)
    expect(await read({ revision: 'before' })).toMatchObject([{ message: 'make users' }])
  })

  test('searches for messages, names, actors and errors as they are written', async () => {
    await work()
    expect(shortly(await read({ search: ' MAKE Users ' }))).toHaveLength(3)
    expect(shortly(await read({ search: '100% e' }))).toEqual(['upgrade b failed'])
    expect(shortly(await read({ search: 'nowhere_at' }))).toEqual(['upgrade b failed'])
    for (const nothing of ['nowhere%all', 'nowhereXat', 'b!', "'; DROP TABLE users; --", '\0ake nothing'])
      expect(await read({ search: nothing })).toEqual([])
    expect(await read({ search: 'TEST@' })).toHaveLength(4)
    expect(await read({ search: 'stamp' })).toHaveLength(1)
    expect(await read({ search: '   ' })).toHaveLength(4)
    await project.database.rows(`UPDATE "aludel_journal" SET "actor" = 'über@host' WHERE "direction" = 'stamp'`)
    expect(await read({ search: 'über' })).toHaveLength(1)
  })

  test('has no message for a revision without a file', async () => {
    await work()
    await fill(1)
    expect((await read({ limit: 1 }))[0]).toMatchObject({
      revision: 'r1',
      message: null,
      startedAt: expect.any(String) as string,
    })
  })

  test('goes through 100,000 entries page by page, without gap or repetition', async () => {
    await work()
    await fill(100_000)
    expect((await read()).map(({ revision }) => revision)).toEqual(
      Array.from({ length: 50 }, (_, index) => `r${String(100_000 - index)}`),
    )
    const seen: string[] = []
    let before: string | undefined
    let pages = 0
    // The first entries are at the end.
    for (const filter of [{ search: '999' }, { revision: idOf('a') }]) {
      before = undefined
      do {
        const page: Awaited<ReturnType<Migrator['journal']>> = await migrator.journal({ ...filter, limit: 100, before })
        pages += 1
        seen.push(...page.runs.map(({ revision }) => revision))
        before = page.next ?? undefined
      } while (before !== undefined)
    }
    const wanted = Array.from({ length: 100_000 }, (_, index) => `r${String(100_000 - index)}`)
    expect(seen).toEqual([...wanted.filter((one) => one.includes('999')), idOf('a'), idOf('a'), idOf('a')])
    expect(pages).toBe(4)
  })

  test('ends a page exactly at the last entry', async () => {
    await work()
    const all = await read()
    const first = await migrator.journal({ limit: 2 })
    expect(first.runs).toEqual(all.slice(0, 2))
    const second = await migrator.journal({ limit: 2, before: first.next ?? undefined })
    expect(second).toEqual({ runs: all.slice(2), next: null })
  })

  test.each([
    { before: 'x' },
    { before: '' },
    { before: '0' },
    { before: '1e3' },
    { before: '9'.repeat(30) },
    { limit: 0 },
    { limit: 1.5 },
    { limit: 1001 },
    { limit: NaN },
  ])('refuses %j', async (options) => {
    expect(await rejection(migrator.journal(options))).toMatchObject({ code: 'ALUDEL_USAGE' })
  })

  test('needs only the right to read', async () => {
    await work()
    const role = `aludel_reader_${String(process.pid)}`
    const isServer = dialect === 'postgres'
    let overrides: object = readOnlySqlite
    if (isServer) {
      await project.database.rows(`CREATE ROLE "${role}" LOGIN PASSWORD 'geheim'`)
      for (const table of ['migrations', 'aludel_journal'])
        await project.database.rows(`GRANT SELECT ON "${table}" TO "${role}"`)
      const url = new URL(project.database.address)
      url.username = role
      url.password = 'geheim'
      overrides = { url: url.href }
    }
    const dataSource = project.dataSource([], overrides as Partial<DataSourceOptions>)
    const reader = project.migrator([], { dataSource })
    try {
      expect(await read({}, reader)).toEqual(await read())
    } finally {
      await reader.close()
      if (isServer)
        for (const end of [`DROP OWNED BY "${role}"`, `DROP ROLE "${role}"`]) await project.database.rows(end)
    }
  })
})
