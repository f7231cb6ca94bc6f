import { existsSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import path from 'node:path'

import { dialectNames, postgresUrl } from '../../../../tools/testing/databases'
import type { ServerOptions } from '../../src'
import type { ApiError, Plan } from '../../src'
import type { Answer, Client } from '../support/client'
import { idOf, waitFor, WebProject } from '../support/project'

jest.setTimeout(120_000)

const measure = '/plan?direction=upgrade&trace=true'
const codeOf = (answer: Answer): [number, string] => [answer.status, answer.json<ApiError>().error.code]

describe.each(dialectNames)('a plan with trace on %s', (dialect) => {
  let project: WebProject
  beforeEach(async () => {
    project = await WebProject.make(dialect)
    project.write(
      { id: 'aa', up: ['CREATE TABLE "users" ("id" integer, "name" varchar(50))'], undo: ['DROP TABLE "users"'] },
      { id: 'bb', down: 'aa', up: ['CREATE INDEX "ix" ON "users" ("name")'], undo: ['DROP INDEX "ix"'] },
    )
  })
  afterEach(() => project.remove())

  const serve = (options: Partial<ServerOptions> = {}): Promise<Client> =>
    project.serve({ allowCreate: true, project: project.options({ shadow: { postgres: postgresUrl() } }), ...options })
  const proved = (client: Client): { headers: http.OutgoingHttpHeaders } => ({
    headers: { 'x-aludel-csrf': client.csrf },
  })

  test('is the same plan, with what each statement did on a scratch database', async () => {
    const client = await serve()
    await client.runToEnd({ direction: 'upgrade', target: 'aa' })
    const plain = (await client.get('/plan?direction=upgrade')).json<Plan>()
    const answer = await client.get(measure, proved(client))
    expect([answer.status, answer.text.slice(0, 300)]).toEqual([200, expect.anything()])
    const sql = 'CREATE INDEX "ix" ON "users" ("name")'
    const [isPostgres, ms] = [dialect === 'postgres', expect.any(Number) as number]
    const traced = isPostgres ? { locks: ['SHARE users'], scans: ['users'] } : { locks: [], scans: [] }
    const measured = [expect.objectContaining({ sql, ...traced, rewrites: [], rebuilds: [], takesMs: ms })]
    const blocked = isPostgres ? { table: 'users', blocks: 'writes' } : { table: null, blocks: 'reads and writes' }
    const stalls = [
      { ...blocked, ms, first: 1, last: 1, text: expect.stringMatching(/^blocks .* for .* s$/) as string },
    ]
    expect(answer.json<Plan>()).toEqual({
      ...plain,
      steps: plain.steps.map((step) => ({ ...step, measured, stalls })),
    })
    // It was not the database of the project.
    expect((await client.get('/status')).json()).toMatchObject({ current: [idOf('aa')] })
  })

  test('foretells with the transactions that the run would have', async () => {
    const client = await serve()
    const plan = (await client.get(`${measure}&transaction=all`, proved(client))).json<Plan>()
    const until = plan.steps.map(({ stalls = [] }) => stalls.map((stall) => stall.until))
    // On PostgreSQL the table is new; on SQLite, the first step locks the file for both.
    expect(until).toEqual(dialect === 'postgres' ? [[], []] : [[idOf('bb')], []])
    project.write({ id: 'cc', down: 'bb', up: ['SELECT 1'], undo: [], transaction: false })
    const refused = await client.get('/plan?direction=upgrade&transaction=all')
    expect(codeOf(refused)).toEqual([400, 'ALUDEL_TRANSACTION_MODE'])
    expect((await client.get('/plan?direction=upgrade&transaction=each')).status).toBe(200)
  })

  test('is refused where no revisions may be written, and without the header of the page', async () => {
    const reader = await serve({ readOnly: true })
    expect(codeOf(await reader.get(measure, proved(reader)))).toEqual([403, 'ALUDEL_WEB_FORBIDDEN'])
    const writer = await serve({ allowCreate: false })
    const refused = await writer.get(measure, proved(writer))
    expect(codeOf(refused)).toEqual([403, 'ALUDEL_WEB_FORBIDDEN'])
    expect(refused.json<ApiError>().error).toMatchObject({
      message: 'revisions cannot be measured through this server',
      help: expect.stringContaining('--allow-create'),
    })
    const creator = await serve()
    expect(codeOf(await creator.get(measure))).toEqual([403, 'ALUDEL_WEB_FORBIDDEN'])
    const wrong = { headers: { 'x-aludel-csrf': 'wrong' } }
    expect(codeOf(await creator.get(measure, wrong))).toEqual([403, 'ALUDEL_WEB_FORBIDDEN'])
    // Without measuring it is a question like any other.
    expect((await creator.get('/plan?direction=upgrade&trace=false')).status).toBe(200)
    expect((await reader.get('/plan?direction=upgrade&trace=false')).status).toBe(200)
  })

  test('is refused while a run is at work', async () => {
    const gate = path.join(project.folder, 'gate')
    project.write({ id: 'cc', down: 'bb', up: ['SELECT 1'], code: waitFor(gate) })
    const client = await serve()
    const { typedName: confirm } = (await client.get('/session')).json<{ typedName: string }>()
    const { id } = (await client.run({ direction: 'upgrade', target: 'head', confirm, backup: 'never' })).json<{
      id: string
    }>()
    expect(codeOf(await client.get(measure, proved(client)))).toEqual([409, 'ALUDEL_WEB_BUSY'])
    writeFileSync(gate, '')
    expect(await client.end(id)).toMatchObject({ state: 'done' })
  })
})

test('measuring ends before the next revision when the client goes away, and does not begin if it was waiting', async () => {
  const project = await WebProject.make('postgres')
  try {
    const [begun, gate, ran] = ['begun', 'gate', 'ran'].map((name) => path.join(project.folder, name))
    const write = (file = ''): string => `    require('node:fs').writeFileSync(${JSON.stringify(file)}, '')\n`
    project.write(
      { id: 'aa', up: ['SELECT 1'], code: write(begun) + waitFor(gate ?? '') },
      { id: 'bb', down: 'aa', up: ['SELECT 1'], code: write(ran) },
    )
    const options = project.options({ shadow: { postgres: postgresUrl() } })
    const client = await project.serve({ allowCreate: true, project: options })
    const headers = { cookie: client.cookie, 'x-aludel-csrf': client.csrf }
    const ask = (): http.ClientRequest =>
      http.get(new URL(`/api/v1${measure}`, client.url), { headers }).on('error', () => undefined)
    const [first, second] = [ask(), ask()]
    while (!existsSync(begun ?? '')) await new Promise((resolve) => setTimeout(resolve, 5))
    for (const request of [first, second]) {
      const closed = new Promise((resolve) => request.once('close', resolve))
      request.destroy()
      await closed
    }
    // The server has seen both go when it has answered what was asked after them.
    await client.get('/session')
    writeFileSync(gate ?? '', '')
    // Work is done one after the other: theirs has ended when this has.
    expect((await client.get(`/schema?at=${idOf('aa')}`)).status).toBe(200)
    expect(existsSync(ran ?? '')).toBe(false)
  } finally {
    await project.remove()
  }
})
