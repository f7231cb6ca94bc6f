import path from 'node:path'

import { readRevisions } from '../../../src/files/read'
import { statementsInText, textOfFile } from '../../../src/files/statements'
import { locksRules } from '../../../src/lint/rules/locks'
import { lossRules } from '../../../src/lint/rules/loss'
import { rewritesRules } from '../../../src/lint/rules/rewrites'
import type { Direction } from '../../../src/revision/revision'
import { lint, type TestRevision } from '../support'

const folder = path.resolve(__dirname, '../../../../migrations/src/revisions')

/** The shipped revisions, which create all their tables. */
async function shipped(): Promise<readonly TestRevision[]> {
  const { revisions } = await readRevisions([folder])
  return Promise.all(
    revisions.map(async (revision) => {
      const statements = async (direction: Direction): Promise<readonly string[]> => {
        const found = await statementsInText(revision, textOfFile(revision), direction, 'postgres')
        if (!('statements' in found)) throw new Error(found.reason)
        return found.statements.flatMap((one) => (one.kind === 'batched' ? [] : [one.sql]))
      }
      return { up: await statements('upgrade'), down: await statements('downgrade') }
    }),
  )
}

describe('statements in a revision that creates all its tables', () => {
  test.each([...locksRules, ...rewritesRules].map((rule) => [rule.name, rule] as const))(
    'are no findings of %s',
    async (_, rule) => {
      const revisions = await shipped()
      expect(revisions.length).toBeGreaterThan(1)
      for (const [index, { up = [], down = [] }] of revisions.entries()) {
        expect(up.length + down.length).toBeGreaterThan(0)
        expect(await lint('postgres', rule, revisions.slice(0, index + 1))).toEqual([])
      }
    },
  )

  test('are no findings of tables that are created IF NOT EXISTS, unless they are known', async () => {
    const [{ up = [], down = [] } = {}] = await shipped()
    const optional = up.map((sql) => sql.replace(/^CREATE TABLE /, 'CREATE TABLE IF NOT EXISTS '))
    for (const rule of [...locksRules, ...lossRules])
      expect(await lint('postgres', rule, [{ up: optional, down }])).toEqual([])
    const known = await Promise.all(locksRules.map(async (rule) => lint('postgres', rule, [{ up }, { up: optional }])))
    expect(new Set(known.flat().map(({ table }) => table))).toContain('workflows')
  })

  test('are findings where the tables existed before', async () => {
    const [{ up = [] } = {}] = await shipped()
    const isCreation = (sql: string): boolean => sql.startsWith('CREATE TABLE')
    const revisions = [{ up: up.filter(isCreation) }, { up: up.filter((sql) => !isCreation(sql)) }]
    const found = await Promise.all(locksRules.map(async (rule) => lint('postgres', rule, revisions)))
    expect(new Set(found.flat().map(({ table }) => table))).toContain('workflows')
  })
})
