// cspell:ignore geheim
import { DataSource, type DataSourceOptions } from 'typeorm'

import { initializeDatabase } from '../../src/initialize-database'
import { postgresUrl } from '../run/databases'
import { entity, id, openProject, type TestProject, text } from './project'

describe('initializeDatabase with a PostgreSQL role without rights on the schema', () => {
  const authors = entity('authors', { id, name: text(50) })
  const role = `aludel_weak_${String(process.pid)}`
  let project: TestProject

  beforeEach(async () => {
    project = await openProject('postgres')
    await project.migrator([authors]).create('first')
    await project.database.rows(`CREATE ROLE "${role}" LOGIN PASSWORD 'geheim'`)
    await project.database.rows('REVOKE CREATE ON SCHEMA public FROM PUBLIC')
  })

  afterEach(async () => {
    await project.remove()
    const server = await new DataSource({ type: 'postgres', url: postgresUrl() }).initialize()
    await server.query(`DROP ROLE "${role}"`)
    await server.destroy()
  })

  test('names the missing grant, and changes nothing', async () => {
    const url = new URL(project.database.address)
    url.username = role
    url.password = 'geheim'
    const dataSource = project.dataSource([authors], { url: url.href } as Partial<DataSourceOptions>)
    const failure = initializeDatabase({ dataSource, revisions: project.revisions, root: project.directory })
    await expect(failure).rejects.toMatchObject({
      code: 'ALUDEL_PERMISSION',
      help: expect.stringContaining(`GRANT USAGE, CREATE ON SCHEMA "public" TO "${role}"`),
    })
    expect(await project.database.rows(`SELECT tablename FROM pg_tables WHERE schemaname = 'public'`)).toEqual([])
  })
})
