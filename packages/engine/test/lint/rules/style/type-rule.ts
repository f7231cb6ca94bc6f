import type { Rule } from '../../../../src/lint/rule'
import { lint } from '../../support'

interface TypeRule {
  /** A type that the rule finds, and other forms of it. */
  readonly type: string
  readonly others: readonly string[]
  /** Types that the rule has nothing against. */
  readonly good: readonly string[]
  /** Of column b of table a. */
  readonly message: string
  readonly help: string
}

/** Tests of a rule that finds columns of a type. */
export function describeTypeRule(rule: Rule, { type, others, good, message, help }: TypeRule): void {
  describe(rule.name, () => {
    test('notes a column of the type', async () => {
      const sql = `ALTER TABLE "a" ADD COLUMN "b" ${type}`
      expect(await lint('postgres', rule, [{ up: [sql] }])).toEqual([
        { direction: 'up', severity: 'info', message, help, table: 'a', sql },
      ])
    })

    test('notes each such column of a new table, and forms of the type', async () => {
      const columns = [type, ...others].map((one, at) => `"c${String(at)}" ${one}`)
      const found = await lint('postgres', rule, [{ up: [`CREATE TABLE a (id uuid, ${columns.join(', ')})`] }])
      expect(found).toHaveLength(columns.length)
    })

    test('has nothing against other types', async () => {
      const columns = good.map((one, at) => `"c${String(at)}" ${one}`)
      expect(await lint('postgres', rule, [{ up: [`CREATE TABLE a (${columns.join(', ')})`] }])).toEqual([])
    })

    test('notes nothing in a downgrade, which restores what was there', async () => {
      expect(await lint('postgres', rule, [{ down: [`ALTER TABLE a ADD b ${type}`] }])).toEqual([])
    })
  })
}

/** The same for ALTER COLUMN TYPE, which serial is not for. */
export function describeTypeChange(rule: Rule, type: string): void {
  describe(`${rule.name} after a change of type`, () => {
    test('notes a column that gets such a type, unless it had one before', async () => {
      const table = { up: [`CREATE TABLE a (b ${type}, c bytea)`] }
      const found = await lint('postgres', rule, [table, { up: [`ALTER TABLE a ALTER b TYPE ${type}`] }])
      expect(found).toEqual([])
      expect(await lint('postgres', rule, [table, { up: [`ALTER TABLE a ALTER c TYPE ${type}`] }])).toHaveLength(1)
    })
  })
}
