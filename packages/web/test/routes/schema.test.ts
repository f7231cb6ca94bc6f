import { dialectNames } from '../../../../tools/testing/databases'
import type { ApiError, DriftReport, SchemaDifference, SchemaDocument, Story } from '../../src'
import type { Answer, Client } from '../support/client'
import { idOf, WebProject } from '../support/project'

jest.setTimeout(120_000)

const codeOf = (answer: Answer): [number, string] => [answer.status, answer.json<ApiError>().error.code]

describe.each(dialectNames)('schemas on %s', (dialect) => {
  let project: WebProject
  let client: Client

  beforeAll(async () => {
    project = await WebProject.make(dialect)
    project.write(
      { id: 'aa', up: ['CREATE TABLE "users" ("id" integer PRIMARY KEY, "name" text NOT NULL)'] },
      {
        id: 'bb',
        down: 'aa',
        up: [
          'CREATE TABLE "posts" ("id" integer PRIMARY KEY, "user_id" integer REFERENCES "users" ("id"))',
          'CREATE INDEX "ix_posts" ON "posts" ("user_id")',
        ],
      },
    )
    client = await project.serve()
    await client.runToEnd({ direction: 'upgrade', target: idOf('aa') })
  })
  afterAll(() => project.remove())

  const tables = (answer: Answer): string[] => answer.json<SchemaDocument>().tables.map(({ name }) => name)

  test('are those of the database, or after a revision', async () => {
    const live = await client.get('/schema')
    expect(live.json()).toMatchObject({ at: 'live', dialect })
    expect(tables(live)).toEqual(['users'])
    expect(live.json<SchemaDocument>().tables[0]?.columns).toMatchObject([
      { name: 'id' },
      { name: 'name', nullable: false },
    ])
    const head = await client.get('/schema?at=head')
    expect(head.json()).toMatchObject({ at: idOf('bb') })
    expect(tables(head)).toEqual(['posts', 'users'])
    expect(tables(await client.get('/schema?at=base'))).toEqual([])
    expect(codeOf(await client.get('/schema?at=nothing'))).toEqual([404, 'ALUDEL_UNKNOWN_REVISION'])
  })

  test('are compared with each other', async () => {
    const { from, to, operations } = (await client.get('/schema/difference?from=live&to=head')).json<SchemaDifference>()
    expect([from, to]).toEqual(['live', idOf('bb')])
    expect(operations.map(({ op, table, name }) => [op, table ?? name])).toContainEqual(['createTable', 'posts'])
    expect(codeOf(await client.get('/schema/difference?from=live'))).toEqual([400, 'ALUDEL_WEB_INPUT'])
  })

  test('have a story for each table and column', async () => {
    const table = (await client.get('/schema/story?table=users')).json<Story>()
    expect(table).toMatchObject({ table: 'users', column: null, events: [{ revision: idOf('aa'), applied: true }] })
    const column = (await client.get('/schema/story?table=posts&column=user_id')).json<Story>()
    expect(column.events).toMatchObject([{ revision: idOf('bb'), applied: false }])
    expect((await client.get('/schema/story?table=nothing')).json<Story>().events).toEqual([])
    expect(codeOf(await client.get('/schema/story'))).toEqual([400, 'ALUDEL_WEB_INPUT'])
  })

  test('differ from the revisions after somebody has changed the database', async () => {
    const clean = (await client.post('/drift')).json<DriftReport>()
    expect(clean.database).toMatchObject({ clean: true, pending: 1 })
    await project.database.query('ALTER TABLE "users" ADD COLUMN "by_hand" text')
    const { database } = (await client.post('/drift')).json<DriftReport>()
    expect(database).toMatchObject({ clean: false, operations: [{ ahead: 'database' }] })
    expect(JSON.stringify(database?.operations)).toContain('by_hand')
  })
})
