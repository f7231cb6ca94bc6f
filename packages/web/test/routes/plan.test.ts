import { dialectNames } from '../../../../tools/testing/databases'
import type { ApiError, Plan } from '../../src'
import type { Answer, Client } from '../support/client'
import { idOf, WebProject } from '../support/project'

const codeOf = (answer: Answer): [number, string] => [answer.status, answer.json<ApiError>().error.code]

describe.each(dialectNames)('plans on %s', (dialect) => {
  let project: WebProject
  let client: Client

  beforeAll(async () => {
    project = await WebProject.make(dialect)
    project.write(
      {
        id: 'aa',
        up: [
          'CREATE TABLE "users" ("id" integer PRIMARY KEY, "name" varchar(50))',
          `INSERT INTO "users" VALUES (1, 'Ana')`,
        ],
        undo: ['DROP TABLE "users"'],
      },
      {
        id: 'bb',
        down: 'aa',
        message: 'no names',
        up: ['ALTER TABLE "users" DROP COLUMN "name"'],
        undo: ['ALTER TABLE "users" ADD COLUMN "name" varchar(50)'],
      },
    )
    client = await project.serve()
    await client.runToEnd({ direction: 'upgrade', target: idOf('aa') })
  })
  afterAll(() => project.remove())

  const plan = async (query: Readonly<Record<string, string>>): Promise<Plan> => {
    const answer = await client.get(`/plan?${new URLSearchParams(query).toString()}`)
    expect([answer.status, answer.text.slice(0, 300)]).toEqual([200, expect.anything()])
    return answer.json<Plan>()
  }

  test('show what is lost, the tables that are touched, and what would be backed up', async () => {
    const up = await plan({ direction: 'upgrade', backup: 'never' })
    expect(up).toMatchObject({
      direction: 'upgrade',
      from: [idOf('aa')],
      to: [idOf('bb')],
      needsConfirmation: true,
      backup: null,
      steps: [
        {
          revision: idOf('bb'),
          message: 'no names',
          destroys: [expect.stringContaining('name')],
          sql: ['ALTER TABLE "users" DROP COLUMN "name"'],
          tables: [{ name: 'users' }],
        },
      ],
    })
    expect(up.fingerprint).toMatch(/^[0-9a-f]{32}$/)
    expect(await plan({ direction: 'downgrade' })).toMatchObject({ steps: [{ revision: idOf('aa') }], to: [] })
  })

  test('lose nothing where it is kept', async () => {
    const kept = await plan({ direction: 'upgrade', keepDropped: 'true', backup: 'never' })
    expect(kept).toMatchObject({ needsConfirmation: false, steps: [{ keeps: [{ kept: true }] }] })
    const request = { direction: 'upgrade', target: 'head', fingerprint: kept.fingerprint, backup: 'never' }
    // The same plan, run without keeping, loses something.
    expect(codeOf(await client.post('/runs', { ...request, keepDropped: false }))).toEqual([409, 'ALUDEL_CONFIRMATION'])
  })

  test('to what does not exist are refused', async () => {
    expect(codeOf(await client.get('/plan?direction=upgrade&target=ffff'))).toEqual([404, 'ALUDEL_UNKNOWN_REVISION'])
    expect(codeOf(await client.get('/plan?direction=upgrade&target=%2B9'))).toEqual([
      400,
      'ALUDEL_RELATIVE_OUT_OF_RANGE',
    ])
    const wrong = { direction: 'upgrade', target: 'ffff', fingerprint: 'x' }
    expect(codeOf(await client.post('/runs', wrong))).toEqual([404, 'ALUDEL_UNKNOWN_REVISION'])
  })
})
