import { isCastable, keepsEveryValue, parseType, usesZoneOfSession } from '../../../src/operations/columns/type-change'
import type { Column } from '../../../src/schema/schema'
import { column } from '../../support/build-schema'

const mood = { type: '"mood"', enum: { name: 'mood' } }
const of = (type: string | Partial<Column>): Column => column('c', typeof type === 'string' ? { type } : type)

describe('keepsEveryValue', () => {
  test.each<[string | Partial<Column>, string | Partial<Column>]>([
    ['character varying(50)', 'character varying(100)'],
    ['character varying(50)', 'character varying'],
    ['character varying(50)', 'text'],
    ['character varying', 'text'],
    ['text', 'character varying'],
    ['character(5)', 'character varying(5)'],
    ['smallint', 'integer'],
    ['integer', 'bigint'],
    ['integer', 'numeric'],
    ['integer', 'numeric(10,0)'],
    ['integer', 'double precision'],
    ['integer', 'character varying(11)'],
    ['real', 'double precision'],
    ['numeric(10,2)', 'numeric(12,4)'],
    ['numeric(10,2)', 'numeric'],
    ['numeric(9,0)', 'integer'],
    ['timestamp(3) without time zone', 'timestamp without time zone'],
    ['timestamp(3) without time zone', 'timestamp(6) without time zone'],
    ['date', 'timestamp without time zone'],
    ['uuid', 'text'],
    ['uuid', 'character varying(36)'],
    ['jsonb', 'text'],
    ['text', 'text[]'],
    ['integer[]', 'bigint[]'],
    [mood, 'text'],
    [mood, 'character varying'],
    [{ ...mood, type: '"mood"[]' }, 'text[]'],
    ['varchar(50)', 'varchar(10)'],
    ['varchar(50)', 'text'],
    ['int', 'text'],
    ['datetime', 'text'],
    ['boolean', 'varchar'],
    ['interval', 'interval(6)'],
    ['interval day to second(3)', 'interval'],
    ['time without time zone', 'time(6) without time zone'],
    ['character(5)', 'character(8)'],
  ])('is true from %j to %j', (from, to) => {
    expect(keepsEveryValue(of(from), of(to))).toBe(true)
  })

  test.each<[string | Partial<Column>, string | Partial<Column>]>([
    ['character varying(50)', 'character varying(10)'],
    ['character varying', 'character varying(10)'],
    ['text', 'character varying(50)'],
    ['text', 'integer'],
    ['text', 'uuid'],
    ['bigint', 'integer'],
    ['integer', 'smallint'],
    ['integer', 'numeric(10,2)'],
    ['bigint', 'double precision'],
    ['double precision', 'integer'],
    ['numeric(10,2)', 'numeric(9,2)'],
    ['numeric(10,2)', 'numeric(10,1)'],
    ['numeric', 'numeric(10,2)'],
    ['numeric(10,0)', 'integer'],
    ['timestamp without time zone', 'timestamp(0) without time zone'],
    ['timestamp without time zone', 'date'],
    ['timestamp without time zone', 'timestamp with time zone'],
    ['json', 'jsonb'],
    ['uuid', 'character varying(20)'],
    ['text[]', 'character varying(10)'],
    ['integer[]', 'text'],
    ['blob', 'varchar'],
    ['bigint[]', 'integer[]'],
    [mood, 'character varying(10)'],
    [mood, { type: '"level"', enum: { name: 'level' } }],
    ['text', mood],
    ['bit(8)', 'bit(4)'],
    ['varchar(50)', 'int'],
    ['geometry(Point,4326)', 'bytea'],
    ['interval', 'interval(0)'],
    ['interval', 'interval day'],
    ['character varying(5)', 'character(8)'],
    ['int', 'float'],
  ])('is false from %j to %j', (from, to) => {
    expect(keepsEveryValue(of(from), of(to))).toBe(false)
  })
})

test('usesZoneOfSession is true where a zone is added or dropped, and not where it is printed', () => {
  const [plain, zoned, time] = ['timestamp without time zone', 'timestamp(3) with time zone', 'time without time zone']
  for (const [from, to] of [
    [plain, zoned],
    [zoned, plain],
    [zoned, 'date'],
    ['date', zoned],
    ['text', zoned],
    [time, 'time with time zone'],
    [`${plain}[]`, `${zoned}[]`],
  ] as const)
    expect([from, to, usesZoneOfSession(of(from), of(to))]).toEqual([from, to, true])
  for (const [from, to] of [
    [zoned, 'text'],
    [zoned, 'timestamp with time zone'],
    [plain, 'date'],
    ['text', plain],
  ] as const)
    expect([from, to, usesZoneOfSession(of(from), of(to))]).toEqual([from, to, false])
})

test('isCastable accepts types of the same family, any scalar to text, and text to enum', () => {
  expect(isCastable(of('integer'), of('bigint'))).toBe(true)
  expect(isCastable(of('integer'), of('text'))).toBe(true)
  expect(isCastable(of('text'), of(mood))).toBe(true)
  expect(isCastable(of('timestamp with time zone'), of('date'))).toBe(true)
  expect(isCastable(of('integer'), of('jsonb'))).toBe(false)
  expect(isCastable(of('boolean'), of('timestamp with time zone'))).toBe(false)
  expect(isCastable(of(mood), of('integer'))).toBe(false)
  expect(isCastable(of('text[]'), of('text'))).toBe(false)
})

test('parseType splits a type into base, arguments and array', () => {
  expect(parseType('numeric(10,2)[]')).toEqual({ base: 'numeric', args: [10, 2], array: true })
  expect(parseType('timestamp(3) with time zone')).toEqual({
    base: 'timestamp with time zone',
    args: [3],
    array: false,
  })
  expect(parseType('"we(1)ird"')).toEqual({ base: '"we(1)ird"', args: [], array: false })
})
