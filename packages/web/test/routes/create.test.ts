import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

import { EntitySchema } from 'typeorm'

import { dialectNames, postgresUrl } from '../../../../tools/testing/databases'
import type { ApiError, CreatePreview, Session, Status } from '../../src'
import type { Answer, Client } from '../support/client'
import { WebProject } from '../support/project'

jest.setTimeout(120_000)

const codeOf = (answer: Answer): [number, string] => [answer.status, answer.json<ApiError>().error.code]

/** An entity with these columns. */
function user(columns: Readonly<Record<string, object>>): EntitySchema {
  return new EntitySchema({
    name: 'User',
    tableName: 'users',
    columns: { id: { type: 'integer', primary: true }, ...columns } as never,
  })
}
const name = { type: 'varchar', length: 50, nullable: true }

describe.each(dialectNames)('create on %s', (dialect) => {
  let project: WebProject
  beforeAll(async () => {
    project = await WebProject.make(dialect)
  })
  afterAll(() => project.remove())
  afterEach(() => project.stop())

  const serve = (...entities: readonly EntitySchema[]): Promise<Client> =>
    project.serve({
      allowCreate: true,
      project: project.options({
        dataSource: project.dataSource({ entities: [...entities] }),
        shadow: { postgres: postgresUrl() },
      }),
    })
  const files = (): string[] => readdirSync(path.join(project.folder, 'revisions')).sort()
  const previewOf = (answer: Answer): CreatePreview => answer.json<CreatePreview>()
  const upgrade = async (client: Client): Promise<void> => {
    const { typedName: confirm } = (await client.get('/session')).json<Session>()
    const run = await client.runToEnd({ direction: 'upgrade', target: 'head', confirm: confirm ?? '', backup: 'never' })
    expect(run).toMatchObject({ state: 'done' })
  }

  test('shows the file before it is written, and writes it with the same id', async () => {
    const client = await serve(user({ name }))
    expect((await client.get('/session')).json<Session>()).toMatchObject({ allowCreate: true })
    const preview = previewOf(await client.post('/create/preview', { message: 'users' }))
    if (preview.state !== 'ready') throw new Error(JSON.stringify(preview))
    expect(preview.result.operations.map(({ op }) => op)).toEqual(['createTable'])
    expect(preview.file.source).toContain(preview.file.revision)
    expect(files()).toEqual([])
    const body = { message: 'users', revisionId: preview.file.revision }
    const created = (await client.post('/create', body)).json<{ created: { revision: string; path: string } }>()
    expect(created.created.revision).toBe(preview.file.revision)
    expect(readFileSync(created.created.path, 'utf8')).toContain('CREATE TABLE "users"')
    expect((await client.get('/status')).json<Status>()).toMatchObject({ heads: [preview.file.revision], pending: 1 })
    await upgrade(client)
    expect(previewOf(await client.post('/create/preview', { message: 'again' }))).toEqual({ state: 'same' })
  })

  test('asks whether a column was renamed, and writes nothing without an answer', async () => {
    const client = await serve(user({ full_name: name }))
    const before = files()
    const asked = previewOf(await client.post('/create/preview', { message: 'full names' }))
    if (asked.state !== 'questions') throw new Error(JSON.stringify(asked))
    const [question] = asked.questions
    expect(question).toMatchObject({ kind: 'rename' })
    expect(codeOf(await client.post('/create', { message: 'full names' }))).toEqual([409, 'ALUDEL_RENAME_QUESTION'])
    expect(files()).toEqual(before)
    const answer = question?.options.find((option) => option.answer?.list === 'rename')?.answer
    const body = { message: 'full names', rename: [answer?.value] }
    expect(previewOf(await client.post('/create/preview', body))).toMatchObject({ state: 'ready' })
    expect((await client.post('/create', body)).json()).toMatchObject({ operations: [{ op: 'renameColumn' }] })
    await upgrade(client)
  })

  test('writes what loses something only after the name of the database was typed', async () => {
    const client = await serve(user({}))
    const preview = previewOf(await client.post('/create/preview', { message: 'no names' }))
    expect(preview).toMatchObject({ state: 'ready', result: { destroys: [expect.stringContaining('full_name')] } })
    // The same findings as those of `lint`.
    const findings = preview.state === 'ready' ? preview.result.findings : undefined
    expect(findings?.filter(({ direction }) => direction === 'upgrade')).toMatchObject([
      { rule: 'drop-column', dialects: [dialect], table: 'users', message: expect.stringContaining('full_name') },
    ])
    const before = files()
    expect(codeOf(await client.post('/create', { message: 'no names' }))).toEqual([409, 'ALUDEL_CONFIRMATION'])
    expect(codeOf(await client.post('/create', { message: 'no names', confirm: 'x' }))[1]).toBe('ALUDEL_CONFIRMATION')
    expect(files()).toEqual(before)
    const { typedName: confirm } = (await client.get('/session')).json<Session>()
    expect((await client.post('/create', { message: 'no names', confirm })).status).toBe(200)
    expect(files()).toHaveLength(before.length + 1)
  })

  test.each([
    { message: '' },
    { message: 'x', revisionId: 'zz' },
    { message: 'x', rename: 'a.b=c' },
    { message: 'x', sql: true },
    { message: 'x', from: 'database' },
  ])('refuses %j', async (body) => {
    const client = await serve(user({}))
    expect(codeOf(await client.post('/create/preview', body))).toEqual([400, 'ALUDEL_WEB_INPUT'])
  })
})
