import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { DataSource, type DataSourceOptions } from 'typeorm'

import { CoreSchema1795299345114 } from '../src/revisions/1795299345114-core-schema'
import { ReviewDecisions1795299348535 } from '../src/revisions/1795299348535-review-decisions'

const migrations = [CoreSchema1795299345114, ReviewDecisions1795299348535]
const core = [
  'audit_logs',
  'cache_entries',
  'checkpoints',
  'metrics',
  'recommendations',
  'validation_results',
  'workflows',
]

interface Place {
  readonly options: DataSourceOptions
  readonly tables: string
  remove(): Promise<void>
}

const places: Record<string, () => Promise<Place>> = {
  async sqlite() {
    const directory = await mkdtemp(path.join(tmpdir(), 'aludel-migrations-'))
    return {
      options: { type: 'better-sqlite3', database: path.join(directory, 'test.db'), migrations },
      tables: `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'migrations' ORDER BY name`,
      remove: () => rm(directory, { recursive: true, force: true }),
    }
  },
  async postgres() {
    const url = process.env['ALUDEL_TEST_POSTGRES_URL']
    if (url === undefined) throw new Error('ALUDEL_TEST_POSTGRES_URL names no PostgreSQL server')
    const name = `aludel_migrations_${String(process.pid)}`
    const server = await new DataSource({ type: 'postgres', url }).initialize()
    await server.query(`CREATE DATABASE "${name}"`)
    const own = new URL(url)
    own.pathname = `/${name}`
    return {
      options: { type: 'postgres', url: own.href, migrations },
      tables: `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migrations' ORDER BY 1`,
      remove: async () => {
        await server.query(`DROP DATABASE "${name}" WITH (FORCE)`)
        await server.destroy()
      },
    }
  },
}

describe.each(Object.keys(places))("TypeORM's own runner on %s", (name) => {
  it('runs the shipped revisions, and takes them back', async () => {
    const place = await places[name]?.()
    if (place === undefined) throw new Error(`no ${name}`)
    const dataSource = await new DataSource(place.options).initialize()
    const tables = async () => ((await dataSource.query(place.tables)) as { name: string }[]).map((row) => row.name)
    try {
      expect((await dataSource.runMigrations()).map((migration) => migration.name)).toEqual([
        'CoreSchema1795299345114',
        'ReviewDecisions1795299348535',
      ])
      expect(await tables()).toEqual([...core, 'review_decisions'].sort())
      await dataSource.undoLastMigration()
      expect(await tables()).toEqual(core)
      await dataSource.undoLastMigration()
      expect(await tables()).toEqual([])
    } finally {
      await dataSource.destroy()
      await place.remove()
    }
  })
})
