import { literal } from '../../../src/dialect/postgres/literal'
import { TestDatabases } from './support'

const databases = new TestDatabases()
afterAll(() => databases.close())

test.each<[string, unknown, string, unknown]>([
  ['a string with a quote', "it's", 'text', "it's"],
  ['a backslash', 'C:\\new\\', 'text', 'C:\\new\\'],
  ['a dollar, a line break and more', "$1 $$ \n\t\u{1F600} 'é'", 'text', "$1 $$ \n\t\u{1F600} 'é'"],
  ['an integer', 42, 'integer', 42],
  ['a negative fraction', -0.25, 'double precision', -0.25],
  ['a large bigint', 9007199254740993n, 'bigint', '9007199254740993'],
  ['NaN', Number.NaN, 'double precision', Number.NaN],
  ['infinity', -Infinity, 'double precision', -Infinity],
  ['true', true, 'boolean', true],
  ['null', null, 'text', null],
  ['undefined', undefined, 'text', null],
  ['a time', new Date('2020-02-29T23:59:59.123Z'), 'timestamptz', new Date('2020-02-29T23:59:59.123Z')],
  ['bytes', Buffer.from([0, 255, 39, 92]), 'bytea', Buffer.from([0, 255, 39, 92])],
  [
    'an array of texts',
    ['a', 'b"c', "it's", 'x\\y', '', 'null', null, '{}'],
    'text[]',
    ['a', 'b"c', "it's", 'x\\y', '', 'null', null, '{}'],
  ],
  [
    'an array of arrays',
    [
      [1, 2],
      [3, 4],
    ],
    'integer[]',
    [
      [1, 2],
      [3, 4],
    ],
  ],
  ['an empty array', [], 'text[]', []],
  ['an array of NaN', [Number.NaN], 'float8[]', [Number.NaN]],
  ['an object', { a: ["it's", null, { b: '\\' }] }, 'jsonb', { a: ["it's", null, { b: '\\' }] }],
])('literal renders %s that PostgreSQL reads back unchanged', async (_, value, type, expected) => {
  const database = await databases.open({ poolSize: 1 }, 'postgres')
  const [row] = await database.query<{ value: unknown }[]>(`SELECT ${literal(value)}::${type} AS value`)
  await database.destroy()
  expect(row?.value).toEqual(expected)
})
