import { dialectNames } from '../../../../tools/testing/databases'
import type { ApiError, Journal, RevisionDetails, Revisions } from '../../src'
import type { Answer, Client } from '../support/client'
import { idOf, WebProject } from '../support/project'

const codeOf = (answer: Answer): [number, string] => [answer.status, answer.json<ApiError>().error.code]

describe.each(dialectNames)('revisions and the journal on %s', (dialect) => {
  let project: WebProject
  let client: Client

  beforeAll(async () => {
    project = await WebProject.make(dialect)
    project.write(
      {
        id: 'aa',
        message: 'users',
        up: ['CREATE TABLE "users" ("id" integer PRIMARY KEY)'],
        undo: ['DROP TABLE "users"'],
      },
      { id: 'bb', down: 'aa', message: 'posts', up: ['CREATE TABLE "posts" ("id" integer PRIMARY KEY)'] },
      { id: 'cc', down: 'aa', message: 'tags', up: ['CREATE TABLE "tags" ("id" integer PRIMARY KEY)'] },
      { id: 'dd', down: 'cc', message: 'fails', up: ['INSERT INTO "nothing" VALUES (1)'] },
    )
    client = await project.serve()
    for (const target of [idOf('bb'), idOf('dd')]) await client.runToEnd({ direction: 'upgrade', target })
  })
  afterAll(() => project.remove())

  test('have lanes where they branch', async () => {
    const { revisions, lanes } = (await client.get('/revisions')).json<Revisions>()
    expect(lanes).toBe(2)
    expect(revisions.map(({ revision, applied, lane }) => [revision, applied, lane])).toEqual([
      [idOf('dd'), false, 0],
      [idOf('cc'), true, 0],
      [idOf('bb'), true, 1],
      [idOf('aa'), true, 0],
    ])
    expect(revisions.filter(({ isHead }) => isHead).map(({ revision }) => revision)).toEqual([idOf('dd'), idOf('bb')])
    expect(revisions.filter(({ isCurrent }) => isCurrent).map(({ revision }) => revision)).toEqual([
      idOf('cc'),
      idOf('bb'),
    ])
  })

  test('are described with their file, statements and runs, by an id or another REV', async () => {
    for (const rev of [idOf('aa'), 'aa00']) {
      const details = (await client.get(`/revisions/${rev}`)).json<RevisionDetails>()
      expect(details).toMatchObject({
        revision: idOf('aa'),
        message: 'users',
        applied: true,
        language: 'js',
        transactional: true,
        does: ['create table users'],
        destroys: [],
        sql: { [dialect]: { up: ['CREATE TABLE "users" ("id" integer PRIMARY KEY)'], down: ['DROP TABLE "users"'] } },
        runs: [{ direction: 'upgrade', outcome: 'done' }],
        findings: [],
      })
      expect(details.file).toMatch(/^revisions\/\d{13}-aa0000000000\.cjs$/)
      expect(details.source).toContain('exports.R')
    }
    expect(codeOf(await client.get('/revisions/ffff'))).toEqual([404, 'ALUDEL_UNKNOWN_REVISION'])
    expect(codeOf(await client.get('/revisions/heads'))[0]).toBe(400)
  })

  test('have runs that are read page by page, and filtered', async () => {
    const seen: string[] = []
    let before: string | null = ''
    while (before !== null) {
      const query: string = before === '' ? '' : `&before=${encodeURIComponent(before)}`
      const page: Journal = (await client.get(`/journal?limit=2${query}`)).json<Journal>()
      seen.push(...page.runs.map(({ revision, outcome }) => `${revision.slice(0, 2)} ${outcome}`))
      before = page.next
    }
    expect(seen).toEqual(['dd failed', 'cc done', 'bb done', 'aa done'])
    const found = async (query: string): Promise<string[]> =>
      (await client.get(`/journal?${query}`)).json<Journal>().runs.map(({ revision }) => revision.slice(0, 2))
    expect(await found('outcome=failed')).toEqual(['dd'])
    expect(await found('search=tag')).toEqual(['cc'])
    expect(await found(`revision=${idOf('bb')}`)).toEqual(['bb'])
    expect(codeOf(await client.get('/journal?before=x'))).toEqual([400, 'ALUDEL_USAGE'])
  })
})
