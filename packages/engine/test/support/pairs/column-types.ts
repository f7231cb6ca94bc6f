import { sql, type Argument } from './source'

/** A kind of column that TypeORM can create on a dialect. */
export interface ColumnType {
  /** The decorator. Default is `Column`. */
  readonly decorator?: string
  readonly options: Readonly<Record<string, Argument>>
  /** Values for `default`. */
  readonly defaults: readonly Argument[]
  /** Determines the conditions that can use the column. */
  readonly family: 'number' | 'text' | 'range' | 'other'
  /** Whether it may be part of a key or an index. */
  readonly key: boolean
  /** Whether it has a collation. */
  readonly collates?: boolean
  readonly enum?: 'enum' | 'enum[]' | 'simple-enum'
}

const words: readonly Argument[] = [
  '',
  'x',
  sql("'it''s'"),
  'a  b',
  'line\nbreak',
  '-- no comment',
  '007',
  'null',
  'C:\\x',
  'ü',
]
const whole: readonly Argument[] = [0, 1, -1, '7', sql('1 + 1')]

const number = (options: ColumnType['options'], defaults: readonly Argument[] = whole): ColumnType => ({
  options,
  defaults,
  family: 'number',
  key: true,
})
const text = (options: ColumnType['options'], defaults: readonly Argument[] = words): ColumnType => ({
  options,
  defaults,
  family: 'text',
  key: true,
  collates: true,
})
const other = (options: ColumnType['options'], defaults: readonly Argument[] = [], key = true): ColumnType => ({
  options,
  defaults,
  family: 'other',
  key,
})
const range = (type: string, ...defaults: readonly Argument[]): ColumnType => ({
  options: { type },
  defaults,
  family: 'range',
  key: true,
})

/** Neighbors are similar, so that an edit to the next type widens or narrows. */
const postgres: readonly ColumnType[] = [
  number({ type: 'smallint' }),
  number({ type: 'int' }),
  number({ type: 'bigint' }, [0, '9007199254740993', sql("'12'::bigint")]),
  number({ type: 'decimal', precision: 10, scale: 2 }, [0, 0.5, '1.50', sql('1.5')]),
  number({ type: 'numeric', precision: 12, scale: 4 }, [0, 0.25, '-1.5']),
  number({ type: 'numeric' }, [0, 1e-7, 3]),
  number({ type: 'decimal', scale: 2 }, [0]),
  number({ type: 'real' }, [0, 0.5, -1.25]),
  number({ type: 'double precision' }, [0, 1e-7, 1e21]),
  text({ type: 'varchar', length: 5 }, ['', 'x', 'abc']),
  text({ type: 'varchar', length: 50 }),
  text({ type: 'varchar', length: '200' }),
  text({ type: 'varchar' }),
  text({ type: 'text' }),
  text({ type: 'char', length: 8 }, ['x', 'ab cd']),
  other({ type: 'boolean' }, [true, false, sql('true'), sql('NOT true')]),
  other({ type: 'date' }, ['2020-02-29', sql('CURRENT_DATE')]),
  other({ type: 'timestamp' }, [
    '2020-01-01 12:00',
    sql('now()'),
    sql('CURRENT_TIMESTAMP(3)'),
    sql("now() + interval '1 day'"),
  ]),
  other({ type: 'timestamp', precision: 3 }, [sql('LOCALTIMESTAMP'), sql("(now() at time zone 'utc')")]),
  other({ type: 'timestamp with time zone' }, ['1970-01-01', sql('CURRENT_TIMESTAMP')]),
  other({ type: 'timestamptz', precision: 0 }, [sql('now()')]),
  other({ type: 'time' }, ['12:00', sql('LOCALTIME')]),
  other({ type: 'time', precision: 2 }, ['12:00:00.5']),
  other({ type: 'timetz' }, ['12:00+00']),
  other({ type: 'interval' }, ['24 hours', '1 mon', sql("'1 day'::interval")]),
  { ...other({ type: 'enum' }), enum: 'enum' },
  { ...other({ type: 'enum' }), enum: 'enum' },
  { ...other({ type: 'enum', array: true }), enum: 'enum[]' },
  { ...text({ type: 'simple-enum' }, []), enum: 'simple-enum', collates: false },
  text({ type: 'simple-array' }, ['a,b']),
  text({ type: 'simple-json' }, [sql(`'{"a": 1}'`)]),
  other({ type: 'json' }, [{ a: 1 }, sql("'[]'")], false),
  other({ type: 'jsonb' }, [{ b: 1, a: "it's" }, [], sql("'{}'::jsonb"), '{"x": ""}'], true),
  other({ type: 'uuid' }, [sql('gen_random_uuid()'), '00000000-0000-4000-8000-000000000000']),
  other({ type: 'bytea' }, [sql("'\\x00ff'")]),
  other({ type: 'int', array: true }, [sql("'{}'"), [1, 2], sql('ARRAY[]::int[]')]),
  other({ type: 'bigint', array: true }, [sql("'{}'")]),
  other({ type: 'text', array: true }, [['a', 'b c'], sql('ARRAY[]::text[]'), sql("'{}'")]),
  other({ type: 'varchar', length: 20, array: true }, [['x'], sql("ARRAY['y']::varchar[]")]),
  other({ type: 'numeric', precision: 10, scale: 2, array: true }, [sql("'{}'")]),
  other({ type: 'timestamp', precision: 3, array: true }, [sql("'{}'")]),
  other({ type: 'inet' }, ['10.0.0.1']),
  other({ type: 'cidr' }, ['10.0.0.0/8']),
  other({ type: 'macaddr' }, ['08:00:2b:01:02:03']),
  other({ type: 'money' }, [1]),
  other({ type: 'bit', length: 4 }, [sql("B'1010'")]),
  other({ type: 'varbit', length: 8 }, [sql("B'1'")]),
  other({ type: 'point' }, [sql("'(1,2)'")], false),
  other({ type: 'polygon' }, [], false),
  other({ type: 'circle' }, [], false),
  other({ type: 'tsvector' }, [sql("''::tsvector")]),
  other({ type: 'xml' }, [], false),
  range('int4range', sql("'[1,5)'"), '[1,3]'),
  range('numrange'),
  range('daterange', '[2020-01-01,2020-02-01)'),
  range('tstzrange'),
  other({ type: 'int4multirange' }, [sql("'{}'")]),
  { ...other({}), decorator: 'CreateDateColumn' },
  { ...other({}), decorator: 'UpdateDateColumn' },
  { ...other({}), decorator: 'DeleteDateColumn' },
  { ...number({}, []), decorator: 'VersionColumn' },
]

const sqlite: readonly ColumnType[] = [
  number({ type: 'tinyint' }),
  number({ type: 'smallint' }),
  number({ type: 'integer' }),
  number({ type: 'int' }),
  number({ type: 'bigint' }, [0, '9007199254740993']),
  number({ type: 'unsigned big int' }, [0]),
  number({ type: 'decimal', precision: 10, scale: 2 }, [0, 0.5]),
  number({ type: 'decimal', scale: 2 }, [0]),
  number({ type: 'numeric' }, [0, 1e-7, -2.5]),
  number({ type: 'real' }, [0, 0.5]),
  number({ type: 'double precision' }, [1e21]),
  number({ type: 'float' }, [0.1]),
  text({ type: 'varchar', length: 5 }, ['', 'x']),
  text({ type: 'varchar', length: 50 }),
  text({ type: 'varchar' }),
  text({ type: 'nvarchar', length: '100' }),
  text({ type: 'character', length: 8 }, ['x']),
  text({ type: 'text' }),
  text({ type: 'text' }, [sql("'a' || 'b'"), sql("lower('X')"), sql('NULL')]),
  text({ type: 'clob' }),
  { ...text({ type: 'simple-enum' }, []), enum: 'simple-enum', collates: false },
  { ...text({ type: 'simple-enum' }, []), enum: 'simple-enum', collates: false },
  text({ type: 'simple-array' }, ['a,b']),
  text({ type: 'simple-json' }, [sql(`'{"a": 1}'`)]),
  other({ type: 'json' }, [sql("'{}'")]),
  other({ type: 'boolean' }, [true, false, sql('1')]),
  other({ type: 'blob' }, [sql("X'00ff'")]),
  other({ type: 'date' }, ['2020-02-29', sql('CURRENT_DATE')]),
  other({ type: 'time' }, ['12:00', sql('CURRENT_TIME')]),
  other({ type: 'datetime' }, ['2020-01-01 12:00:00', sql("datetime('now')"), sql('CURRENT_TIMESTAMP')]),
  { ...other({}), decorator: 'CreateDateColumn' },
  { ...other({}), decorator: 'UpdateDateColumn' },
  { ...other({}), decorator: 'DeleteDateColumn' },
  { ...number({}, []), decorator: 'VersionColumn' },
]

export const columnTypes = { postgres, sqlite } as const

/** Collations that every server has. */
export const collations = { postgres: ['C', 'POSIX', 'ucs_basic'], sqlite: ['NOCASE', 'RTRIM', 'BINARY'] } as const
