import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { dialectNames } from '../../../../tools/testing/databases'
import { writePgPrograms } from '../../../../tools/testing/pg-programs'
import { hasPgTools } from '../../../../tools/testing/pg-tools'
import type { ApiError, Backups, Kept, PrunedKept, Pruned, Restore, Run, Session, Status } from '../../src'
import type { Answer, Client } from '../support/client'
import { idOf, WebProject } from '../support/project'

const codeOf = (answer: Answer): [number, string] => [answer.status, answer.json<ApiError>().error.code]

describe.each(dialectNames)('backups and what is kept on %s', (dialect) => {
  let project: WebProject
  let client: Client
  let typedName: string

  beforeEach(async () => {
    project = await WebProject.make(dialect)
    project.write(
      {
        id: 'aa',
        up: [
          'CREATE TABLE "users" ("id" integer PRIMARY KEY, "name" varchar(50))',
          `INSERT INTO "users" VALUES (1, 'Ana'), (2, 'Bo')`,
        ],
        undo: ['DROP TABLE "users"'],
      },
      {
        id: 'bb',
        down: 'aa',
        up: ['ALTER TABLE "users" DROP COLUMN "name"'],
        undo: ['ALTER TABLE "users" ADD COLUMN "name" varchar(50)'],
      },
    )
    client = await project.serve({ project: project.options({ backups: { tools: await tools() } }) })
    typedName = (await client.get('/session')).json<Session>().typedName ?? ''
    expect(await client.runToEnd({ direction: 'upgrade', target: idOf('aa'), confirm: typedName })).toMatchObject({
      state: 'done',
    })
  })
  afterEach(() => project.remove())

  /** The bundled server has no `pg_dump`; where none fits it, a stand-in writes files that cannot be restored. */
  const isRestorable = dialect === 'sqlite' || hasPgTools
  const tools = async (): Promise<string | undefined> => {
    if (isRestorable) return undefined
    const folder = path.join(project.folder, 'programs')
    mkdirSync(folder)
    await writePgPrograms(folder)
    return folder
  }

  const start = async (path: string, body?: unknown): Promise<Run> => {
    const answer = await client.post(path, body)
    if (answer.status !== 202) throw new Error(answer.text)
    return client.end(answer.json<Run>().id)
  }
  const names = async (): Promise<unknown[]> =>
    (await project.database.query('SELECT "name" FROM "users" ORDER BY "id"')).map(({ name }) => name)

  test('are in the status: the last one of this database, once there is one', async () => {
    const last = async () => (await client.get('/status')).json<Status>().lastBackup
    expect(await last()).toBeNull()
    expect(await client.end((await client.post('/backups')).json<Run>().id)).toMatchObject({ state: 'done' })
    const [newest] = (await client.get('/backups')).json<Backups>().backups
    expect(await last()).toMatchObject({
      id: newest?.id,
      reason: 'requested',
      kind: 'database',
      revision: [idOf('aa')],
    })
  })

  test('hide nothing else of the status where their directory cannot be read', async () => {
    const directory = path.join(project.folder, 'no-directory')
    writeFileSync(directory, '')
    const other = await project.serve({ project: project.options({ backups: { directory } }) })
    const status = (await other.get('/status')).json<Status>()
    expect([status.current, 'lastBackup' in status]).toEqual([[idOf('aa')], false])
  })

  test('are made, listed and verified', async () => {
    const made = await start('/backups')
    expect(made).toMatchObject({
      kind: 'backup',
      state: 'done',
      steps: [],
      result: { state: 'complete', kind: 'database', revision: [idOf('aa')] },
    })
    const { id } = made.result as { id: string }
    const { backups } = (await client.get('/backups')).json<Backups>()
    expect(backups.map((backup) => backup.id)).toEqual([id])
    expect(await start(`/backups/${id}/verify`)).toMatchObject({ state: 'done', result: { ok: true, problems: [] } })
  })

  const testRestore = isRestorable ? test : test.skip
  testRestore('are put back after the name of the database was typed', async () => {
    const { id } = (await start('/backups')).result as { id: string }
    await project.database.query('DELETE FROM "users" WHERE "id" = 2')
    const plan = (await client.get(`/backups/${id}/restore`)).json<Restore>()
    expect(plan.backup).toMatchObject({ id, revision: [idOf('aa')] })
    expect(plan.tables).toContainEqual({ name: 'users', now: 1, backup: 2 })
    expect(codeOf(await client.post(`/backups/${id}/restore`, { confirm: 'yes' }))).toEqual([
      409,
      'ALUDEL_CONFIRMATION',
    ])
    expect(codeOf(await client.post(`/backups/${id}/restore`, {}))).toEqual([400, 'ALUDEL_WEB_INPUT'])
    expect(await names()).toEqual(['Ana'])

    const restored = await start(`/backups/${id}/restore`, { confirm: typedName })
    expect(restored).toMatchObject({ state: 'done', result: { restored: id, revision: [idOf('aa')] } })
    expect(await names()).toEqual(['Ana', 'Bo'])
    const status = (await client.get('/status')).json<Status>()
    expect(status).toMatchObject({ current: [idOf('aa')], leftovers: [expect.anything()] })
  })

  test('are removed by rules, which can be tried first', async () => {
    const ids: string[] = []
    for (let number = 0; number < 3; number += 1) ids.unshift(((await start('/backups')).result as { id: string }).id)
    const would = (await client.post('/backups/prune', { count: 1, dryRun: true })).json<Pruned>()
    expect(would).toMatchObject({ dryRun: true, remaining: 3 })
    expect(would.removed.map(({ id }) => id).sort()).toEqual(ids.slice(1).sort())
    const did = (await client.post('/backups/prune', { count: 1 })).json<Pruned>()
    expect(did.removed).toHaveLength(2)
    expect((await client.get('/backups')).json<Backups>().backups.map(({ id }) => id)).toEqual([ids[0]])
    expect(codeOf(await client.post('/backups/prune', {}))).toEqual([400, 'ALUDEL_USAGE'])
    expect(codeOf(await client.post('/backups/prune', { count: 0 }))).toEqual([400, 'ALUDEL_WEB_INPUT'])
  })

  test('that do not exist are not found', async () => {
    for (const id of ['nothing', 'latest', '20261130T041500Z-9f3c']) {
      expect(codeOf(await client.get(`/backups/${id}/restore`))).toEqual([404, 'ALUDEL_UNKNOWN_BACKUP'])
      expect(codeOf(await client.post(`/backups/${id}/restore`, { confirm: typedName }))[0]).toBe(404)
      expect(codeOf(await client.post(`/backups/${id}/verify`))[0]).toBe(404)
    }
    expect((await client.get('/runs')).json<{ runs: unknown[] }>().runs).toHaveLength(1)
  })

  test('what an upgrade drops is kept if it was asked for, and removed after the name was typed', async () => {
    const request = { direction: 'upgrade', target: 'head', keepDropped: true, confirm: typedName } as const
    expect(await client.runToEnd({ ...request, backup: 'never' })).toMatchObject({
      state: 'done',
      result: { kept: [{ revision: idOf('bb'), table: 'users', column: 'name', rows: 2 }] },
    })
    expect((await client.get('/kept')).json<Kept>().kept).toMatchObject([{ table: 'users', column: 'name', rows: 2 }])
    const down = await client.run({ direction: 'downgrade', target: '-1', confirm: typedName, backup: 'never' })
    expect(await client.end(down.json<Run>().id)).toMatchObject({
      state: 'done',
      result: { givenBack: [{ column: 'name', rows: 2 }] },
    })
    expect(await names()).toEqual(['Ana', 'Bo'])

    await client.runToEnd({ ...request, backup: 'never' })
    expect(codeOf(await client.post('/kept/prune', { confirm: 'x', all: true }))).toEqual([409, 'ALUDEL_CONFIRMATION'])
    expect((await client.get('/kept')).json<Kept>().kept).toHaveLength(1)
    const pruned = (await client.post('/kept/prune', { confirm: typedName, all: true })).json<PrunedKept>()
    expect(pruned).toMatchObject({ pruned: [{ column: 'name' }], left: 0 })
    expect((await client.get('/kept')).json<Kept>().kept).toEqual([])
  })
})
