import { canonicalExpression, identifiersIn, isOperand, stringsIn } from '../../../src/dialect/postgres/expression'

test.each([
  [
    "c::text = ANY (ARRAY['a'::character varying, 'b'::character varying]::text[])",
    "c::text = ANY (ARRAY['a'::character varying::text, 'b'::character varying::text])",
  ],
  ['x = ANY (ARRAY[]::text[])', 'x = ANY (ARRAY[]::text[])'],
  ["ARRAY['a'::text, 'b'::text]", "ARRAY['a'::text, 'b'::text]"],
  [
    "ARRAY['it''s, [x]::text[]'::character varying, c]::text[]",
    "ARRAY['it''s, [x]::text[]'::character varying::text, c::text]",
  ],
  [
    "ARRAY[lower('a'::text)::character varying, a || b]::text[]",
    "ARRAY[lower('a'::text)::character varying::text, (a || b)::text]",
  ],
  ["ARRAY[ARRAY['a'::character varying]]::text[]", "ARRAY[ARRAY['a'::character varying::text]]"],
  [
    "ARRAY['2020-01-01 00:00:00'::timestamp without time zone]::timestamp with time zone[]",
    "ARRAY['2020-01-01 00:00:00'::timestamp without time zone::timestamp with time zone]",
  ],
  ['ARRAY[1]::numeric(10,2)[]', 'ARRAY[1::numeric(10,2)]'],
  ['ARRAY[\'a\'::x]::"Odd s"."T[]"[]', 'ARRAY[\'a\'::x::"Odd s"."T[]"]'],
  [
    "ARRAY[c,\nCASE\n    WHEN true THEN 'a'::text\n    ELSE 'b'::text\nEND]::text[]",
    "ARRAY[c::text,\nCASE\n    WHEN true THEN 'a'::text\n    ELSE 'b'::text\nEND::text]",
  ],
  ["(ARRAY['a'::character varying]::text[]) && t", "(ARRAY['a'::character varying::text]) && t"],
  ['\nCASE\n    WHEN a THEN b\nEND', 'CASE\n    WHEN a THEN b\nEND'],
  ["'ARRAY[''a''::character varying]::text[]'::text", "'ARRAY[''a''::character varying]::text[]'::text"],
])('canonicalExpression normalizes %s', (printed, canonical) => {
  expect(canonicalExpression(printed)).toBe(canonical)
  expect(canonicalExpression(canonical)).toBe(canonical)
})

test('identifiersIn returns names without quotes, and no literals or comments', () => {
  expect([...identifiersIn(`state = 'gone'::mood AND "Odd ""x" > lower('name') -- comment`)]).toEqual([
    'state',
    'mood',
    'AND',
    'Odd "x',
    'lower',
  ])
})

test('stringsIn returns the values of string literals, unescaped', () => {
  expect(stringsIn(`'it''s'::mood = ANY ('{a,"b c"}'::mood[]) AND "x'y" = 'z'`)).toEqual(["it's", '{a,"b c"}', 'z'])
})

test.each([
  ["'a b'::character varying", true],
  ['now()', true],
  ['(now() + x)', true],
  ['CURRENT_TIMESTAMP(3)', true],
  ["'1970-01-01 00:00:00+00'::timestamp with time zone", true],
  ['ARRAY[1, 2]', true],
  ["now() + '1 day'::interval", false],
  ['a IS NULL', false],
  ['a AND b', false],
  ['-1', false],
])('isOperand of %s is %s', (expression, expected) => {
  expect(isOperand(expression)).toBe(expected)
})
