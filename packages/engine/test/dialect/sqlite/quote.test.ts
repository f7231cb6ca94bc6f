import { literal, quote } from '../../../src/dialect/sqlite/quote'
import { Databases } from './support'

const databases = new Databases()
afterAll(() => databases.dispose())

describe('literal', () => {
  test.each([
    ['text', "it's", "it's"],
    ['an empty text', '', ''],
    ['several lines', 'a\nb\r\n--c', 'a\nb\r\n--c'],
    ['a NUL', 'a\0b\0', 'a\0b\0'],
    ['unicode', '😀 ünï', '😀 ünï'],
    ['an integer', 42, 42],
    ['a big integer', 9007199254740993n, '9007199254740993'],
    ['a fraction', -1.5e-7, -1.5e-7],
    ['infinity', -Infinity, -Infinity],
    ['NaN', NaN, null],
    ['true', true, 1],
    ['false', false, 0],
    ['null', null, null],
    ['undefined', undefined, null],
    ['a date', new Date(Date.UTC(2024, 1, 3, 4, 5, 6, 7)), '2024-02-03 04:05:06.007'],
    ['an object', { a: ["it's", null] }, `{"a":["it's",null]}`],
    ['an array', [1, 'x'], '[1,"x"]'],
  ])('renders %s that SQLite reads back as stored', async (_name, value, stored) => {
    const dataSource = await databases.with()
    const isBig = typeof value === 'bigint'
    const [row] = await dataSource.query<[{ value: unknown }]>(
      `SELECT ${isBig ? `CAST(${literal(value)} AS text)` : literal(value)} AS value`,
    )
    expect(row.value).toEqual(stored)
  })

  test('renders the bytes of a Buffer, an array and a subarray', async () => {
    const dataSource = await databases.with()
    for (const value of [
      Buffer.from([0, 255, 39]),
      new Uint8Array([0, 255, 39]),
      new Uint8Array([9, 0, 255, 39, 9]).subarray(1, 4),
    ]) {
      expect(await dataSource.query(`SELECT ${literal(value)} AS value`)).toEqual([
        { value: Buffer.from([0, 255, 39]) },
      ])
    }
    expect(literal(Buffer.alloc(0))).toBe("X''")
  })

  test.each([[() => 1], [Symbol('s')], [new Date(NaN)]])('rejects %p', (value) => {
    expect(() => literal(value)).toThrow(expect.objectContaining({ code: 'ALUDEL_OFFLINE' }))
  })
})

describe('quote', () => {
  test.each(['a', 'a b', 'a"b', '"', 'select', 'тест', "'"])('makes %s the name of a column', async (name) => {
    const dataSource = await databases.with(`CREATE TABLE t (${quote(name)} integer)`, 'INSERT INTO t VALUES (1)')
    expect(await dataSource.query('SELECT * FROM t')).toEqual([{ [name]: 1 }])
  })
})
