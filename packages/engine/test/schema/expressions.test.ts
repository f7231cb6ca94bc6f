import {
  canonicalExpression,
  columnsIn,
  mentionsName,
  readsColumn,
  renameColumnIn,
  renameSequenceIn,
  renameTableIn,
  renameTypeIn,
} from '../../src/schema/expressions'

const scope = (...columns: string[]) => ({ table: 'users', columns })

describe('columnsIn', () => {
  test.each<[string, string[], string[]]>([
    ['((price > (0)::numeric) AND (name IS NOT NULL))', ['price', 'name', 'numeric'], ['price', 'name']],
    ["length(name) > 0 and length = 'name'", ['name', 'length'], ['name', 'length']],
    [
      "((state)::text = ANY ((ARRAY['name'::character varying])::text[]))",
      ['state', 'name', 'text', 'varying'],
      ['state'],
    ],
    ["\"Name\" = 'x' and name = 'y'", ['Name', 'name'], ['Name', 'name']],
    ['users.name > other.name', ['name', 'users', 'other'], ['name']],
    ['"users"."name" > 0', ['name'], ['name']],
    ['EXTRACT(year FROM born) > 2000', ['year', 'born'], ['born']],
    ["born > ('2020-01-01'::timestamp(3) without time zone)", ['born', 'zone', 'time'], ['born']],
    ['CAST(a AS unsigned big int) > b', ['a', 'b', 'big', 'int'], ['a', 'b']],
    ['name COLLATE nocase = x', ['name', 'nocase', 'x'], ['name', 'x']],
    ['a -- b\n > /* c */ d', ['a', 'b', 'c', 'd'], ['a', 'd']],
    ['CASE WHEN end > 1 THEN 1 ELSE 2 END', ['end', 'else'], []],
    ["(born AT TIME ZONE 'utc') > x", ['born', 'time', 'zone', 'x'], ['born', 'x']],
    ['make_interval(days => days) > x', ['days', 'x'], ['days', 'x']],
    ['[a b] > `c`', ['a b', 'c'], ['a b', 'c']],
  ])('finds the columns in %s', (sql, columns, expected) => {
    expect(columnsIn(sql, scope(...columns))).toEqual(expected)
  })

  test('matches bare words regardless of case, but quoted names exactly', () => {
    expect(columnsIn('NAME > 0', scope('name', 'NAME'))).toEqual(['name'])
    expect(columnsIn('FullName > 0', scope('fullName'))).toEqual(['fullName'])
    expect(columnsIn('"fullname" > 0', scope('fullName'))).toEqual([])
  })
})

describe('renameColumnIn', () => {
  test('does not rename literals, types, functions, comments or other columns', () => {
    expect(
      renameColumnIn(
        '(text)::text = \'text\' and text(text) > "Text" /* text */',
        scope('text', 'Text'),
        'text',
        'body',
      ),
    ).toBe('(body)::text = \'text\' and text(body) > "Text" /* text */')
  })

  test('keeps existing quotes and adds those that the new name needs', () => {
    expect(renameColumnIn('"a" > a', scope('a'), 'a', 'b')).toBe('"b" > b')
    expect(renameColumnIn('a > 0', scope('a'), 'a', 'b c')).toBe('"b c" > 0')
    expect(renameColumnIn('a > 0', scope('a'), 'a', 'order')).toBe('"order" > 0')
    expect(renameColumnIn('[a] > `a`', scope('a'), 'a', 'b')).toBe('"b" > "b"')
    expect(renameColumnIn('a > 0', scope('a'), 'a', 'q"q')).toBe('"q""q" > 0')
  })

  test('does not rename a column whose name differs in case', () => {
    expect(renameColumnIn('"Name" > name', scope('Name', 'name'), 'Name', 'x')).toBe('"x" > name')
  })
})

test('renameTableIn renames only qualifiers', () => {
  expect(renameTableIn('users.users > "users"."a" and other.users > 1', 'users', 'people')).toBe(
    'people.users > "people"."a" and other.users > 1',
  )
})

describe('renameTypeIn', () => {
  test('renames the type in casts', () => {
    expect(renameTypeIn("'mood'::mood = mood::mood[]", { name: 'mood' }, { name: 'temper' })).toBe(
      "'mood'::temper = mood::temper[]",
    )
    expect(renameTypeIn('\'a\'::"Mood"', { name: 'Mood' }, { name: 'mood' })).toBe("'a'::mood")
  })

  test('respects the schema of the type', () => {
    expect(renameTypeIn("'a'::types.mood", { name: 'mood' }, { name: 'x' })).toBe("'a'::types.mood")
    expect(renameTypeIn("'a'::types.mood", { schema: 'types', name: 'mood' }, { name: 'Mood' })).toBe('\'a\'::"Mood"')
    expect(renameTypeIn("'a'::mood", { name: 'mood' }, { schema: 'types', name: 'mood' })).toBe("'a'::types.mood")
  })
})

test('renameSequenceIn renames only the exact sequence in a regclass literal', () => {
  expect(renameSequenceIn("nextval('old_seq'::regclass)", { name: 'old_seq' }, { schema: 'app', name: 'New' })).toBe(
    'nextval(\'app."New"\'::regclass)',
  )
  expect(renameSequenceIn("nextval('older_seq'::regclass)", { name: 'old_seq' }, { name: 'x' })).toBe(
    "nextval('older_seq'::regclass)",
  )
})

describe('canonicalExpression', () => {
  const same = (a: string, b: string, ...columns: string[]): boolean =>
    canonicalExpression(a, scope(...columns)) === canonicalExpression(b, scope(...columns))

  test('ignores spaces, comments, the case of words and the quotes of columns', () => {
    expect(same('a>0', ' "a"  >\n0 -- really', 'a')).toBe(true)
    expect(same('A > 0 AND b IS NULL', '"a" > 0 and b is null', 'a', 'b')).toBe(true)
    expect(same('fullName > 0', '"fullName" > 0', 'fullName')).toBe(true)
  })

  test('distinguishes different literals, quoted names and columns', () => {
    expect(same("a = 'x'", "a = 'X'", 'a')).toBe(false)
    expect(same("a = 'x  y'", "a = 'x y'", 'a')).toBe(false)
    expect(same('"A" > 0', 'a > 0', 'a', 'A')).toBe(false)
    expect(same('a > 0', 'b > 0', 'a', 'b')).toBe(false)
  })
})

test('readsColumn and mentionsName ignore names in string literals', () => {
  expect(readsColumn("a = 'b'", 'b', scope('a', 'b'))).toBe(false)
  expect(readsColumn('a = b', 'b', scope('a', 'b'))).toBe(true)
  expect(mentionsName('SELECT u."fullName" FROM users u', 'fullName')).toBe(true)
  expect(mentionsName("SELECT 'fullName' FROM users u", 'fullName')).toBe(false)
})
