/**
 * One entity class for both databases.
 *
 * A column type in TypeORM is a fixed string, and a driver rejects types that it does not know: a class with `jsonb`,
 * `bytea` or `timestamptz` cannot be used with SQLite, and one with `datetime` or `blob` cannot be used with PostgreSQL.
 * TypeORM has neither per-driver types nor a plugin point for them. Choosing at import time (an environment variable)
 * would not allow both databases in one process with the same classes, which this project needs.
 *
 * TypeORM builds column metadata for each `DataSource`, and reads `options.type` of every decorator once for it. So a
 * portable column makes that property an accessor, and `DataSource.prototype.buildMetadatas` (in TypeORM 0.3 and 1.x) is
 * wrapped to set the family of the database during the call. The metadata of that `DataSource` then contains the native
 * type, and everything that TypeORM does with it (schema, reading, writing, comparing, criteria) is unchanged code. The
 * family is in an `AsyncLocalStorage`, because two data sources may be initialized at once. Other columns are not affected.
 *
 * Instants are also written exactly, or refused. See {@link writeInstantsExactly}.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { Column, DataSource, getMetadataArgsStorage } from 'typeorm'
import type { ColumnOptions, ColumnType } from 'typeorm'
import { stampPlainObjects } from '../entities/base'

/** The kinds of column whose type differs between the databases. */
type PortableKind = 'json' | 'blob' | 'instant'

type Family = 'postgres' | 'sqlite'

/**
 * `json` is `text` on SQLite, not TypeORM's `json` or `jsonb`: a column declared `json` has numeric affinity, which turns the
 * document `1e3` into the integer 1000, and `jsonb` stores a binary form that no other tool reads.
 */
const types: Readonly<Record<PortableKind, Readonly<Record<Family, ColumnType>>>> = {
  json: { postgres: 'jsonb', sqlite: 'simple-json' },
  blob: { postgres: 'bytea', sqlite: 'blob' },
  instant: { postgres: 'timestamptz', sqlite: 'datetime' },
}

/** Every driver of TypeORM whose database is SQLite. */
const sqliteDrivers: ReadonlySet<string> = new Set([
  'better-sqlite3',
  'sqlite',
  'sqljs',
  'capacitor',
  'cordova',
  'expo',
  'nativescript',
  'react-native',
])

/** State shared by all copies of this package in the process: `DataSource` is patched once, for the columns of all. */
interface Shared {
  readonly asking: AsyncLocalStorage<Family>
  /** Class → property → kind, for every portable column. */
  readonly portableColumns: WeakMap<object, Map<string, PortableKind>>
}

const sharedKey = Symbol.for('@aludel/models.shared')
const holder = globalThis as { [sharedKey]?: Shared }
const { asking, portableColumns } = (holder[sharedKey] ??= {
  asking: new AsyncLocalStorage(),
  portableColumns: new WeakMap(),
})

/**
 * Declares a column whose type depends on the database of the `DataSource`.
 *
 * @param kind of values
 * @param options TypeORM's column options, without `type`
 */
export function PortableColumn(kind: PortableKind, options: Omit<ColumnOptions, 'type'>): PropertyDecorator {
  return (prototype, property) => {
    const name = String(property)
    Column({ ...options, type: types[kind].postgres })(prototype, name)
    const target = prototype.constructor
    const args = getMetadataArgsStorage().columns.findLast(
      (each) => each.target === target && each.propertyName === name,
    )
    if (args === undefined) throw new Error(`TypeORM did not register the column ${target.name}.${name}`)
    Object.defineProperty(args.options, 'type', {
      configurable: true,
      enumerable: true,
      get: () => types[kind][asking.getStore() ?? 'postgres'],
    })
    const columns = portableColumns.get(target) ?? new Map<string, PortableKind>()
    portableColumns.set(target, columns.set(name, kind))
  }
}

/** The fields of TypeORM's column metadata that are read here. */
interface ColumnLike {
  readonly target?: unknown
  readonly propertyName: string
}

interface DriverLike {
  readonly options: { readonly type: string }
  preparePersistentValue: (this: DriverLike, value: unknown, column: ColumnLike) => unknown
}

interface DataSourceLike {
  readonly driver: DriverLike
  readonly subscribers: unknown[]
  buildMetadatas: (this: DataSourceLike) => Promise<void>
}

const patched = Symbol.for('@aludel/models.portable')

/**
 * Patches a `DataSource` class to support portable columns. Already done for the `typeorm` that this package resolves; call
 * it only for a second copy of TypeORM in the same process.
 *
 * @example
 * import { supportPortableColumns } from '@aludel/models'
 * supportPortableColumns(otherTypeorm.DataSource)
 */
export function supportPortableColumns(dataSourceClass: { readonly prototype: object }): void {
  const prototype = dataSourceClass.prototype as DataSourceLike & { [patched]?: true }
  if (prototype[patched]) return
  const build = prototype.buildMetadatas
  Object.defineProperty(prototype, patched, { value: true })
  prototype.buildMetadatas = async function (this: DataSourceLike): Promise<void> {
    const family: Family = sqliteDrivers.has(this.driver.options.type) ? 'sqlite' : 'postgres'
    await asking.run(family, () => build.call(this))
    writeInstantsExactly(this.driver)
    stampPlainObjects(this.subscribers)
  }
}

/** A `Date` whose local fields are UTC, so that code which formats it by local fields writes UTC. */
class UtcDate extends Date {
  override getTimezoneOffset(): number {
    return 0
  }
  override getFullYear(): number {
    return this.getUTCFullYear()
  }
  override getMonth(): number {
    return this.getUTCMonth()
  }
  override getDate(): number {
    return this.getUTCDate()
  }
  override getHours(): number {
    return this.getUTCHours()
  }
  override getMinutes(): number {
    return this.getUTCMinutes()
  }
  override getSeconds(): number {
    return this.getUTCSeconds()
  }
}

/** The range of instants with four-digit years, which both databases and ISO 8601 support. */
const firstInstant = Date.parse('0001-01-01T00:00:00.000Z')
const lastInstant = Date.parse('9999-12-31T23:59:59.999Z')

/**
 * Wraps `preparePersistentValue` of one driver instance, for instant columns only. Otherwise two kinds of values would
 * silently be stored wrong:
 *
 * - node-postgres writes a `Date` as local time with an offset in whole minutes. Some zones had offsets with seconds (most
 *   before 1900, Liberia until 1972), which would shift the instant by seconds. In UTC this cannot happen.
 * - SQLite would get the text `0NaN-NaN-NaN …` for an invalid `Date`, and the wrong century for a year above 9999.
 */
function writeInstantsExactly(driver: DriverLike & { [patched]?: true }): void {
  if (driver[patched]) return
  Object.defineProperty(driver, patched, { value: true })
  const prepare = driver.preparePersistentValue
  driver.preparePersistentValue = function (this: DriverLike, value: unknown, column: ColumnLike): unknown {
    const isInstant =
      isObject(column.target) && portableColumns.get(column.target)?.get(column.propertyName) === 'instant'
    if (!isInstant || !(value instanceof Date)) return prepare.call(this, value, column)
    const time = value.getTime()
    if (!(time >= firstInstant && time <= lastInstant)) {
      const shown = Number.isNaN(time) ? 'an invalid date' : `${value.toISOString()}, outside the years 1 to 9999`
      throw new RangeError(`${classNameOf(column.target)}.${column.propertyName} cannot hold ${shown}`)
    }
    return prepare.call(this, new UtcDate(time), column)
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}

function classNameOf(target: unknown): string {
  return typeof target === 'function' ? target.name : 'column'
}

supportPortableColumns(DataSource)
