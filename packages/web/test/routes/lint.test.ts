import { dialectNames } from '../../../../tools/testing/databases'
import type { ApiError, Lint } from '../../src'
import type { Answer, Client } from '../support/client'
import { idOf, WebProject } from '../support/project'

const codeOf = (answer: Answer): [number, string] => [answer.status, answer.json<ApiError>().error.code]

describe.each(dialectNames)('findings of lint on %s', (dialect) => {
  let project: WebProject
  let client: Client

  beforeAll(async () => {
    project = await WebProject.make(dialect)
    const table = { up: ['CREATE TABLE "users" ("id" integer PRIMARY KEY, "name" varchar(50))'] }
    project.write(
      { id: 'aa', ...table, undo: ['DROP TABLE "users"'] },
      {
        id: 'bb',
        down: 'aa',
        up: ['ALTER TABLE "users" DROP COLUMN "name"'],
        undo: ['ALTER TABLE "users" ADD COLUMN "name" varchar(50)'],
      },
      { id: 'cc', down: 'bb', up: ['DROP TABLE "users"'], undo: table.up },
      // Another branch: no range has both heads and their steps.
      { id: 'dd', down: 'aa', up: ['SELECT 1'], undo: [] },
      { id: 'ee', down: 'dd', up: ['SELECT 2'], code: `    throw new Error('it runs')\n` },
    )
    // A server that only shows is enough.
    client = await project.serve({ readOnly: true })
    const writer = await project.serve()
    await writer.runToEnd({ direction: 'upgrade', target: 'aa' })
    await writer.runToEnd({ direction: 'upgrade', target: 'dd' })
  })
  afterAll(() => project.remove())

  const lint = async (query: Readonly<Record<string, string>>): Promise<Lint> => {
    const answer = await client.get(`/lint?${new URLSearchParams(query).toString()}`)
    expect([answer.status, answer.text.slice(0, 300)]).toEqual([200, expect.anything()])
    return answer.json<Lint>()
  }

  test('are those of a range, with the sizes of the database', async () => {
    const { findings, revisions } = await lint({ range: idOf('bb') })
    expect(revisions).toBe(1)
    expect(findings.find(({ rule }) => rule === 'drop-column')).toMatchObject({
      revision: idOf('bb'),
      direction: 'upgrade',
      dialects: [dialect],
      statement: 'ALTER TABLE "users" DROP COLUMN "name"',
      table: 'users',
      rows: 0,
    })
  })

  test('are those of the steps of a plan, on all of its branches, and no code runs', async () => {
    expect((await lint({ direction: 'upgrade', target: 'heads' })).revisions).toBe(3)
    const { findings, revisions } = await lint({ direction: 'upgrade', target: idOf('cc') })
    expect(revisions).toBe(2)
    expect(new Set(findings.map(({ revision }) => revision))).toEqual(new Set([idOf('bb'), idOf('cc')]))
    expect(findings.map(({ rule }) => rule)).toContain('drop-table')
    expect((await lint({ direction: 'downgrade', target: 'base' })).revisions).toBe(2)
    expect((await lint({ direction: 'upgrade', target: idOf('aa') })).revisions).toBe(0)
  })

  test('are those of all revisions without a range', async () => {
    expect((await lint({})).revisions).toBe(5)
  })

  test.each(['range=aa&direction=upgrade', 'target=head', 'range=', 'direction=sideways', 'trace=true', 'since=main'])(
    'are refused for the query %s',
    async (query) => {
      expect(codeOf(await client.get(`/lint?${query}`))).toEqual([400, 'ALUDEL_WEB_INPUT'])
    },
  )

  test('of what does not exist are refused', async () => {
    expect(codeOf(await client.get('/lint?range=ffff'))).toEqual([404, 'ALUDEL_UNKNOWN_REVISION'])
    expect(codeOf(await client.get('/lint?direction=upgrade&target=ffff'))).toEqual([404, 'ALUDEL_UNKNOWN_REVISION'])
    expect(codeOf(await client.other().get('/lint'))).toEqual([401, 'ALUDEL_WEB_SESSION'])
  })
})

test('a server that lints hundreds of revisions answers others meanwhile', async () => {
  const project = await WebProject.make(dialectNames[0]!)
  try {
    const id = (number: number): string => number.toString(16).padStart(12, '0')
    project.write(
      ...Array.from({ length: 300 }, (_, index) => ({
        id: id(index),
        up: [`CREATE TABLE "t${String(index)}" ("id" integer PRIMARY KEY, "name" varchar(50))`],
        undo: [`DROP TABLE "t${String(index)}"`],
        ...(index > 0 && { down: id(index - 1) }),
      })),
    )
    const client = await project.serve()
    let [answered, isOver] = [0, false]
    const linted = client.get('/lint').finally(() => (isOver = true))
    while (!isOver) {
      await client.get('/session')
      answered += 1
    }
    expect((await linted).status).toBe(200)
    expect(answered).toBeGreaterThan(10)
  } finally {
    await project.remove()
  }
})
