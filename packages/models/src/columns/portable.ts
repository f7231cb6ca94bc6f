/**
 * One entity class for both databases.
 *
 * TypeORM takes a column type as one literal word and refuses words that the driver does not know, so a class that says
 * `jsonb`, `bytea` or `timestamptz` cannot be used with SQLite, and one that says `datetime` or `blob` cannot be used with
 * PostgreSQL. It has no per-driver type, and no plugin point for one. Choosing at import time (an environment variable)
 * would forbid what this project needs: both databases open in one process, from the same classes.
 *
 * TypeORM does build fresh column metadata for each `DataSource`, reading `options.type` of every decorator once. So a
 * portable column makes that one property an accessor, and `DataSource.prototype.buildMetadatas` (there in TypeORM 0.3 and
 * 1.x) is wrapped to say, for the duration of the call, which family of databases is asking. From then on the metadata of
 * that `DataSource` holds the native type, and everything TypeORM does with it (schema, reading, writing, comparing,
 * criteria) is its own unchanged code. An `AsyncLocalStorage` carries the answer, because two data sources may be initialized
 * at once. Columns not declared through this file are never looked at.
 *
 * Instants get one thing more: what is written is exact, or refused. See {@link writeInstantsExactly}.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { Column, DataSource, getMetadataArgsStorage } from 'typeorm'
import type { ColumnOptions, ColumnType } from 'typeorm'
import { stampPlainObjects } from '../entities/base'

/** The kinds of column whose type differs between the databases. */
export type PortableKind = 'json' | 'blob' | 'instant'

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

/** What every copy of this package in the process shares: `DataSource` is patched once, for the columns of all of them. */
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
 * The decorator of a column whose type is chosen by the database that the `DataSource` connects to.
 *
 * @param kind what the column holds
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

/** The parts of a TypeORM column's metadata that are read here. */
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
 * Teaches a `DataSource` class about portable columns. Done once for the `typeorm` that this package resolves; call it
 * yourself only for a second copy of TypeORM in the same process.
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

/** A `Date` whose local reading is UTC, so that whoever formats it by its local parts writes UTC. */
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

/** The instants that both databases and ISO 8601 can write with a year of four digits. */
const firstInstant = Date.parse('0001-01-01T00:00:00.000Z')
const lastInstant = Date.parse('9999-12-31T23:59:59.999Z')

/**
 * Wraps `preparePersistentValue` of one driver instance, for instant columns only. Two things would otherwise be stored
 * wrong without a word:
 *
 * - node-postgres writes a `Date` as local time with an offset in whole minutes. Zones had offsets with seconds (most of
 *   them before 1900, Liberia until 1972), and such an instant comes back some seconds off. Written in UTC it does not.
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
