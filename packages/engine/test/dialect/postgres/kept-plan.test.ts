import type { QueryRunner } from 'typeorm'

import { introspect } from '../../../src/dialect/postgres/introspect'
import { openShadow } from '../../../src/dialect/postgres/shadow'
import { ignoreTables } from '../../support/ignore-tables'
import { TestDatabases, urlOf } from './support'

const databases = new TestDatabases()
afterAll(() => databases.close())

const planned = `SELECT count(*)::int AS plans FROM pg_prepared_statements WHERE name LIKE 'aludel%'`

test('introspect keeps its plan in a shadow database, reads what changed, and survives the loss of the plan', async () => {
  const template = await databases.open({}, await databases.create())
  const server = await openShadow({ template, url: urlOf(await databases.create()) })
  const { dataSource } = await server.open()
  const runner = dataSource.createQueryRunner()
  const tables = async (): Promise<string[]> =>
    (await introspect(runner, { ignoreTables })).tables.map(({ name, schema }) => `${schema ?? ''}.${name}`)
  try {
    expect(await tables()).toEqual([])
    await runner.query('CREATE TABLE "one" ("id" integer)')
    expect(await tables()).toEqual(['.one'])
    expect(await runner.query(planned)).toEqual([{ plans: 1 }])
    await runner.query('CREATE SCHEMA "other"')
    await runner.query('SET search_path = "other"')
    expect(await tables()).toEqual(['public.one'])
    await runner.query('DISCARD ALL')
    expect(await tables()).toEqual(['.one'])
    await runner.startTransaction()
    await runner.query('DEALLOCATE ALL')
    expect(await tables()).toEqual(['.one'])
    await runner.rollbackTransaction()
  } finally {
    await runner.release()
    await server.close()
  }
})

test('introspect reads with the plan that an earlier query runner left in the session', async () => {
  const template = await databases.open({}, await databases.create())
  const server = await openShadow({ template, url: urlOf(await databases.create()) })
  const { dataSource } = await server.open()
  const session = async (work: (runner: QueryRunner) => Promise<unknown>): Promise<unknown> => {
    const runner = dataSource.createQueryRunner()
    try {
      return await work(runner)
    } finally {
      await runner.release()
    }
  }
  const readOnce = () => session((runner) => introspect(runner, { ignoreTables }))
  const pid = () => session((runner) => runner.query('SELECT pg_backend_pid()'))
  try {
    const first = await pid()
    expect(await readOnce()).toEqual(await readOnce())
    expect(await pid()).toEqual(first)
    expect(await session((runner) => runner.query(planned))).toEqual([{ plans: 1 }])
  } finally {
    await server.close()
  }
})

test('introspect leaves no plan in a session that is not its own', async () => {
  const dataSource = await databases.open({}, await databases.create())
  const runner = dataSource.createQueryRunner()
  await introspect(runner, { ignoreTables })
  expect(await runner.query(planned)).toEqual([{ plans: 0 }])
  await runner.release()
})
