// cspell:ignore brack eted
import { tokenize as tokenizePostgres } from '../../src/sql/postgres/tokens'
import { isPlainName, printedName, tokenize, unquote } from '../../src/sql/tokens'

const kinds = (sql: string): string[] =>
  tokenize(sql).flatMap(({ kind, text }) => (kind === 'space' ? [] : [`${kind} ${text}`]))

describe('tokenize', () => {
  test.each([
    'a = \'it\'\'s -- no comment\' and "b "" c" >= 1.5e3',
    "E'back\\'slash' || $tag$ dollar 'quoted' $tag$ || $$x$$",
    '/* block */ x -- line\n + y',
    '`tick``ed` > [brack eted]',
    "unclosed 'string",
    'unclosed "name',
    '/* unclosed',
    'ünïcode + 日本 + 🙂',
    "((c)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))",
  ])('preserves all text of %s', (sql) => {
    expect(
      tokenize(sql)
        .map(({ text }) => text)
        .join(''),
    ).toBe(sql)
  })

  test('distinguishes strings, names, words, numbers and symbols', () => {
    expect(kinds(`a>='x' and "B"::int=-.5`)).toEqual([
      'word a',
      'symbol >=',
      "string 'x'",
      'word and',
      'name "B"',
      'symbol ::',
      'word int',
      'symbol =',
      'symbol -',
      'number .5',
    ])
  })

  test('reads a literal with quotes in it as one string', () => {
    expect(kinds("'it''s'")).toEqual(["string 'it''s'"])
    expect(kinds("E'it\\'s' x")).toEqual(["string E'it\\'s'", 'word x'])
    expect(kinds("x'00ff' type 'a'")).toEqual(["string x'00ff'", 'word type', "string 'a'"])
    expect(kinds("x'00''ff'")).toEqual(["string x'00'", "string 'ff'"])
    expect(kinds('$a$ it\'s "x" $a$ b')).toEqual(['string $a$ it\'s "x" $a$', 'word b'])
  })

  test('reads numbers, variables and operators as databases do', () => {
    expect(kinds('0x1F + 1_000.5')).toEqual(['number 0x1F', 'symbol +', 'number 1_000.5'])
    expect(kinds('$1::int')).toEqual(['variable $1', 'symbol ::', 'word int'])
    expect(kinds('a<>-1 or a[1:-1] @>b')).toEqual([
      ...['word a', 'symbol <>', 'symbol -', 'number 1', 'word or'],
      ...['word a', 'symbol [', 'number 1', 'symbol :', 'symbol -', 'number 1', 'symbol ]', 'symbol @>', 'word b'],
    ])
    expect(kinds('a\u00a0b = 🙂')).toEqual(['word a\u00a0b', 'symbol =', 'word 🙂'])
  })

  test('recognizes comments, but not inside strings', () => {
    expect(kinds('a--b\n+/*c*/d')).toEqual(['word a', 'comment --b', 'symbol +', 'comment /*c*/', 'word d'])
    expect(kinds("'--' /* ' */")).toEqual(["string '--'", "comment /* ' */"])
  })

  test("distinguishes SQLite's bracketed names from PostgreSQL's subscripts", () => {
    expect(kinds('[a b] > 0')).toContain('name [a b]')
    expect(kinds('x and [a] in (1)')).toContain('name [a]')
    expect(kinds('length([a])')).toContain('name [a]')
    expect(kinds('select [a b] from [c]')).toEqual(['word select', 'name [a b]', 'word from', 'name [c]'])
    expect(kinds('ARRAY[a, b]')).not.toContain('name [a, b]')
    expect(kinds('tags[1] = (x)[2]').filter((token) => token.startsWith('name'))).toEqual([])
    expect(kinds('ARRAY[[a], [b]]').filter((token) => token.startsWith('name'))).toEqual([])
  })
})

describe("tokenize by PostgreSQL's own rules", () => {
  const postgresKinds = (sql: string): string[] =>
    tokenizePostgres(sql).flatMap(({ kind, text }) => (kind === 'space' ? [] : [`${kind} ${text}`]))

  test('reads a comment in a comment', () => {
    expect(postgresKinds("/* /* */ ' */ a -- b\rc")).toEqual([
      "comment /* /* */ ' */",
      'word a',
      'comment -- b',
      'word c',
    ])
  })

  test('knows no names in brackets or backticks', () => {
    expect(postgresKinds('select [a`')).toEqual(['word select', 'symbol [', 'word a', 'symbol `'])
  })
})

describe('unquote and printedName', () => {
  test('read names in every kind of quotes', () => {
    const read = (sql: string): string[] => tokenize(sql).map(unquote)
    expect(read('"a""b"')).toEqual(['a"b'])
    expect(read('`a``b`')).toEqual(['a`b'])
    expect(read('[a b]')).toEqual(['a b'])
    expect(read('Plain')).toEqual(['Plain'])
  })

  test('quote only names that need quotes', () => {
    expect(printedName('plain_1')).toBe('plain_1')
    expect(printedName('Mixed')).toBe('"Mixed"')
    expect(printedName('user')).toBe('"user"')
    expect(printedName('a"b')).toBe('"a""b"')
    expect(isPlainName('1a')).toBe(false)
  })
})
