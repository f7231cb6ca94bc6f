// cspell:ignore geheim
import { randomBytes } from 'node:crypto'

import type { DataSourceOptions } from 'typeorm'

import { queryPostgres } from '../../../../tools/testing/databases'
import type { Migrator } from '../../src/migrator'
import { rejection } from '../run/revisions'
import { entity, id, openProject, type TestProject, text } from '../migrator/project'

/** Row 25 of the fault plan: what would make a run fail is reported before the lock, before a backup, before any change. */

const authors = entity('authors', { id, name: text(50) })
const widerAuthors = entity('authors', { id, name: text(50), email: { ...text(50), nullable: true } })

let project: TestProject
let role: string
beforeEach(async () => {
  project = await openProject('postgres')
  role = `aludel_weak_${randomBytes(4).toString('hex')}`
  await project.database.rows(`CREATE ROLE "${role}" LOGIN PASSWORD 'geheim'`)
  await project.database.rows('REVOKE ALL ON SCHEMA public FROM PUBLIC')
  await project.migrator([authors]).create('first')
})
afterEach(async () => {
  await project.remove()
  await queryPostgres(`DROP ROLE "${role}"`)
})

const admin = (sql: string): Promise<unknown> => project.database.rows(sql)

/** A migrator with the restricted role. */
const weak = (options: Partial<DataSourceOptions> = {}): Migrator => {
  const url = new URL(project.database.address)
  url.username = role
  url.password = 'geheim'
  const dataSource = project.dataSource([authors], { url: url.href, ...options } as Partial<DataSourceOptions>)
  return project.migrator([authors], { dataSource })
}

/** The error that the role gets while another session holds the lock: the run fails before it asks for the lock. */
const refusal = async (migrator: Migrator, work = () => migrator.upgrade()): Promise<unknown> => {
  const { dialect, queryRunner } = project.database
  const held = await dialect.locks.acquire(queryRunner, { key: 'migrations', timeoutMs: 0 })
  try {
    return await rejection(work())
  } finally {
    await held.release()
    await migrator.close()
  }
}

const tables = () =>
  project.database.rows(`SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`)

test('upgrade names the missing CREATE grant on the schema, and succeeds with it', async () => {
  await admin(`GRANT USAGE ON SCHEMA public TO "${role}"`)
  for (const work of ['upgrade', 'initialize'] as const) {
    const migrator = weak()
    expect(await refusal(migrator, () => migrator[work]() as Promise<never>)).toMatchObject({
      code: 'ALUDEL_PERMISSION',
      help: expect.stringContaining(`GRANT USAGE, CREATE ON SCHEMA "public" TO "${role}"`) as string,
      details: { role },
    })
  }
  const migrator = weak()
  expect(await refusal(migrator, () => migrator.stamp(['head'], { force: true }) as Promise<never>)).toMatchObject({
    code: 'ALUDEL_PERMISSION',
  })
  expect(await tables()).toEqual([])
  await admin(`GRANT USAGE, CREATE ON SCHEMA "public" TO "${role}"`)
  const able = weak()
  expect((await able.upgrade()).steps).toHaveLength(1)
  await able.close()
  await admin(`DROP OWNED BY "${role}"`)
})

test('a history with an index of its own is no obstacle', async () => {
  await project.migrator([authors]).upgrade()
  // It depends on the table as the sequence does.
  await admin('CREATE INDEX "by_name" ON "migrations" ("name")')
  await project.migrator([widerAuthors]).create('wider')
  expect((await project.migrator([widerAuthors]).upgrade()).steps).toHaveLength(1)
})

test('upgrade names each missing grant on schema, history and sequence, and succeeds with them', async () => {
  await project.migrator([authors]).upgrade()
  await project.migrator([widerAuthors]).create('wider')
  const first = await refusal(weak())
  expect(first).toMatchObject({ code: 'ALUDEL_SEARCH_PATH', help: expect.stringContaining('GRANT USAGE') as string })
  await admin(`GRANT USAGE ON SCHEMA public TO "${role}"`)
  // The history must be readable before anything can be planned.
  await admin(`GRANT SELECT ON "migrations" TO "${role}"`)
  const error = (await refusal(weak())) as { readonly details: { readonly grants: readonly string[] } }
  expect(error).toMatchObject({ code: 'ALUDEL_PERMISSION' })
  expect(error.details.grants).toEqual([
    `GRANT "postgres" TO "${role}"  -- the owner of "authors"`,
    `GRANT INSERT, DELETE ON "public"."migrations" TO "${role}"`,
    `GRANT USAGE ON SEQUENCE migrations_id_seq TO "${role}"`,
    `GRANT SELECT, INSERT, UPDATE ON "public"."aludel_journal" TO "${role}"`,
  ])
  // The owner is a superuser here; the table is given to the role instead.
  for (const grant of error.details.grants.slice(1)) await admin(grant)
  await admin(`ALTER TABLE "authors" OWNER TO "${role}"`)
  const able = weak()
  expect((await able.upgrade()).steps).toHaveLength(1)
  await able.close()
  await admin(`DROP OWNED BY "${role}"`)
})

test('upgrade names the setting that makes a role read-only', async () => {
  await admin(`GRANT USAGE, CREATE ON SCHEMA public TO "${role}"`)
  await admin(`ALTER ROLE "${role}" SET default_transaction_read_only = on`)
  expect(await refusal(weak())).toMatchObject({
    code: 'ALUDEL_READ_ONLY',
    message: expect.stringContaining('default_transaction_read_only') as string,
    help: expect.stringContaining('SET default_transaction_read_only = off') as string,
  })
})

test('upgrade with nothing to do only needs rights to read the history', async () => {
  await project.migrator([authors]).upgrade()
  await admin(`GRANT USAGE ON SCHEMA public TO "${role}"`)
  await admin(`GRANT SELECT ON "migrations" TO "${role}"`)
  const blind = weak()
  expect(await rejection(blind.upgrade())).toMatchObject({
    code: 'ALUDEL_PERMISSION',
    help: expect.stringContaining('GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE "aludel_journal"') as string,
  })
  await blind.close()
  await admin(`GRANT SELECT ON "aludel_journal" TO "${role}"`)
  const migrator = weak()
  expect((await migrator.upgrade()).steps).toEqual([])
  await migrator.close()
})

test('upgrade refuses a schema that precedes the one with the history, and creates nothing in it', async () => {
  await project.migrator([authors]).upgrade()
  await project.migrator([widerAuthors]).create('wider')
  await admin(`GRANT USAGE, CREATE ON SCHEMA public TO "${role}"`)
  await admin(`GRANT ALL ON ALL TABLES IN SCHEMA public TO "${role}"`)
  // The default search_path starts with a schema named after the user.
  await admin(`CREATE SCHEMA "${role}" AUTHORIZATION "${role}"`)
  expect(await refusal(weak())).toMatchObject({
    code: 'ALUDEL_SEARCH_PATH',
    details: { history: 'public', target: role },
  })
  expect(
    await project.database.rows(`SELECT relname FROM pg_class WHERE relnamespace = '"${role}"'::regnamespace`),
  ).toEqual([])
  await admin(`DROP OWNED BY "${role}"`)
})

test('upgrade refuses a search_path without an existing schema', async () => {
  await admin(`GRANT USAGE, CREATE ON SCHEMA public TO "${role}"`)
  await admin(`ALTER ROLE "${role}" SET search_path = nowhere`)
  expect(await refusal(weak())).toMatchObject({
    code: 'ALUDEL_SEARCH_PATH',
    message: expect.stringContaining('nowhere') as string,
  })
  await admin(`REVOKE ALL ON SCHEMA public FROM "${role}"`)
})
