import { bracketsAfter, commandTexts, indexKeys, textAfter } from '../../../src/lint/postgres/text'

describe('commandTexts', () => {
  test('splits an ALTER TABLE at the commas that are in no brackets', () => {
    const sql = `ALTER TABLE "a,b" ADD c numeric(4, 2) DEFAULT 1.5, -- no, not here\n  ALTER d TYPE text[] USING ARRAY[d, 'x,y'],\n  DROP e`
    expect(commandTexts(sql)).toEqual([
      'ALTER TABLE "a,b" ADD c numeric(4, 2) DEFAULT 1.5',
      "ALTER d TYPE text[] USING ARRAY[d, 'x,y']",
      'DROP e',
    ])
  })
})

describe('textAfter', () => {
  test('returns what follows a word that is in no brackets, in one line', () => {
    expect(textAfter('CREATE INDEX ON t ((a ? where)) WHERE b /* why */ >\n 1', 'WHERE')).toBe('b > 1')
    expect(textAfter(`ALTER "using" TYPE integer USING nullif(a, 'USING')::integer`, 'USING')).toBe(
      `nullif(a, 'USING')::integer`,
    )
    expect(textAfter('ALTER c TYPE integer', 'USING')).toBeUndefined()
  })
})

describe('bracketsAfter', () => {
  test('returns what is in the first brackets after the word', () => {
    expect(bracketsAfter('ADD CONSTRAINT "CHECK" CHECK (a > (1) AND b) NOT VALID', 'CHECK')).toBe('a > (1) AND b')
    expect(bracketsAfter('ADD CHECK', 'CHECK')).toBeUndefined()
  })
})

describe('indexKeys', () => {
  test('returns columns, calls and expressions without their order and operator classes', () => {
    const sql = `CREATE INDEX i ON s.t USING btree (a DESC, "B,c" COLLATE "C", s.f(lower(b), 1) text_pattern_ops, (c || ')')) INCLUDE (d)`
    expect(indexKeys(sql)).toEqual(['a', '"B,c"', 's.f(lower(b), 1)', `(c || ')')`])
  })
})
