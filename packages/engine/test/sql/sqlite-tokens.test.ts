import { tokenize } from '../../src/sql/sqlite/tokens'

const texts = (sql: string, rows: 'all' | 'last'): string[] => tokenize(sql, rows).map(({ text }) => text)

describe('tokenize for SQLite', () => {
  test('leaves out rows of literals, except the last row and rows with other tokens', () => {
    const rows = (values: string): string => `INSERT INTO t VALUES ${values}; DROP TABLE t`
    const last = texts(rows('(3)'), 'all')
    expect(texts(rows("(1),( 'it''s; (),(', -1.5, NULL ),\n(X'00'), (3)"), 'last')).toEqual(last)
    expect(texts(rows('(1), (2), (3)'), 'all')).toHaveLength(last.length + 8)
    for (const kept of ['(f(1)), (3)', '(1 /* , */), (3)', '(?), (3)', "('a' || 'b'), (3)"]) {
      expect(texts(rows(kept), 'last')).toEqual(texts(rows(kept), 'all'))
    }
    expect(texts("SELECT 'VALUES (1),(2),(3)', f(1), (2), (3)", 'last')).toContain('1')
  })

  test('ends a numbered variable after its digits, and skips a byte order mark', () => {
    expect(texts('\ufeffSELECT ?1AND, ?, :a', 'all')).toEqual(['SELECT', '?1', 'AND', ',', '?', ',', ':a'])
  })

  test('reads a string of 20 megabytes, and one that is full of quotes', () => {
    const long = `'${'x'.repeat(20_000_000)}'`
    expect(tokenize(`SELECT ${long}, "${'y'.repeat(20_000_000)}"`)).toHaveLength(4)
    const quotes = `'${"''".repeat(100_000)}'`
    expect(texts(`SELECT ${quotes} x`, 'all')).toEqual(['SELECT', quotes, 'x'])
  })
})
