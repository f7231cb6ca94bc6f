import { lay, layCondition, layList, layQuery, lineLength } from '../../src/dialect/layout'
import { tokenize } from '../../src/sql/tokens'

const words = (sql: string): string[] => tokenize(sql).flatMap(({ kind, text }) => (kind === 'space' ? [] : [text]))

describe('lay', () => {
  test('keeps short parts on one line and puts each part of a long text on its own line', () => {
    expect(lay(['INSERT INTO "a"', 'SELECT 1'])).toBe('INSERT INTO "a" SELECT 1')
    const long = `FROM "${'b'.repeat(lineLength)}"`
    expect(lay(['SELECT 1', long], '  ')).toBe(`SELECT 1\n  ${long}`)
    expect(lay(['ALTER TABLE "a"', 'ADD CHECK (\n    1\n  )'], '  ')).toBe('ALTER TABLE "a"\n  ADD CHECK (\n    1\n  )')
  })
})

describe('layQuery', () => {
  const long = `'a literal  with FROM and, a -- comment' || '${'x'.repeat(60)}'`

  test('leaves a short query alone', () => {
    expect(layQuery('SELECT "a" FROM "t" WHERE "a" > 1')).toBe('SELECT "a" FROM "t" WHERE "a" > 1')
  })

  test('breaks before clauses and joins, outside parentheses and literals only', () => {
    const query = `WITH "w" AS (SELECT 1 FROM "x") SELECT DISTINCT "t"."a" AS "from", ${long} AS "b" FROM "t" LEFT OUTER JOIN "u" ON "u"."id" = "t"."id" JOIN "v" USING ("id") WHERE "a" BETWEEN 1 AND 2 AND (SELECT 1 FROM "y" WHERE 1 OR 2) AND CASE WHEN 1 AND 2 THEN 3 END GROUP BY "a" ORDER BY 1 LIMIT 5`
    expect(layQuery(query)).toBe(`WITH "w" AS (SELECT 1 FROM "x")
SELECT DISTINCT
  "t"."a" AS "from",
  ${long} AS "b"
FROM "t"
  LEFT OUTER JOIN "u" ON "u"."id" = "t"."id"
  JOIN "v" USING ("id")
WHERE "a" BETWEEN 1 AND 2 AND (SELECT 1 FROM "y" WHERE 1 OR 2) AND CASE WHEN 1 AND 2 THEN 3 END
GROUP BY "a"
ORDER BY 1
LIMIT 5`)
    expect(words(layQuery(query))).toEqual(words(query))
  })

  test('breaks a long condition at AND and OR', () => {
    const query = `SELECT 1 FROM "t" WHERE "a" = ${long} AND "b" BETWEEN 1 AND 2 OR "c" IN (1, 2)`
    expect(layQuery(query)).toBe(
      `SELECT 1\nFROM "t"\nWHERE "a" = ${long}\n  AND "b" BETWEEN 1 AND 2\n  OR "c" IN (1, 2)`,
    )
  })
})

describe('layCondition', () => {
  test('breaks only a long condition, and only outside parentheses and literals', () => {
    expect(layCondition('"a" > 1 AND "b" > 2')).toBe('"a" > 1 AND "b" > 2')
    const long = `'${'x AND y '.repeat(15)}'`
    expect(layCondition(`"a" = ${long} AND ("b" OR "c") OR "d"`, '    ')).toBe(
      `"a" = ${long}\n    AND ("b" OR "c")\n    OR "d"`,
    )
  })
})

describe('layList', () => {
  test('keeps a short list on one line and wraps a long one at 100 characters', () => {
    expect(layList('SELECT ', ['"a"', '"b"'])).toBe('SELECT "a", "b"')
    const names = Array.from({ length: 20 }, (_, index) => `"column ${String(index)}"`)
    const text = layList('SELECT ', names)
    expect(text.split('\n').length).toBeGreaterThan(2)
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100)
    expect(text.replaceAll(/\s+/g, ' ')).toBe(`SELECT ${names.join(', ')}`)
  })
})
