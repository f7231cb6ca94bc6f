import { inspect } from 'node:util'
import { isDate } from 'node:util/types'

import type { QueryRunner } from 'typeorm'

import type { Dialect } from '../dialect/dialect'
import type { DialectName } from '../dialect/registry'
import { quoteName } from '../dialect/quote-name'
import { type Column, displayName, type ObjectName, type Schema, type Table } from '../schema/schema'
import type { TestDatabase, TestRow, TestRows, TestRowsOptions } from './cases'
import { assertRows, isExpectedRow } from './compare'
import { TestFailed } from './failed'

/** The rows of one table, with the name by which tests know it. */
export interface NamedRows {
  readonly table: string
  readonly rows: readonly TestRow[]
}

/** A scratch database in the hands of a test. */
export class ScratchDatabase implements TestDatabase {
  #schema: Schema | undefined

  constructor(
    private readonly on: Dialect,
    readonly queryRunner: QueryRunner,
    private readonly ignoreTables: readonly string[],
  ) {}

  get dialect(): DialectName {
    return this.on.name
  }

  async insert(table: string, rows: TestRow | readonly TestRow[]): Promise<void> {
    const target = await this.#find(table)
    const given = new Set<string>()
    for (const row of isList(rows) ? rows : [rows]) {
      // One that is to be numbered comes after those that have numbers.
      if ([...given].some((name) => !(name in row))) await this.#number(target, given)
      await this.#insertRow(target, row)
      for (const name of Object.keys(row)) given.add(name)
    }
    await this.#number(target, given)
  }

  async #number({ name, columns }: Target, given: Set<string>): Promise<void> {
    const own = columns.filter((column) => given.has(column.name))
    given.clear()
    await this.on.values.numbered(this.queryRunner, name, own)
  }

  async #insertRow({ name, columns }: Target, row: TestRow): Promise<void> {
    const { on, queryRunner } = this
    const names = Object.keys(row)
    const into = `INSERT INTO ${quoteName(on, name)}`
    if (names.length === 0) {
      await queryRunner.query(`${into} DEFAULT VALUES`)
      return
    }
    const known = names.map((one) => columns.find((column) => column.name === one))
    const given = names.map((one, index) => on.values.parameter(known[index], row[one], on.sql.placeholder(index + 1)))
    const isNumbered = known.some((column) => column?.identity !== undefined)
    await queryRunner.query(
      `${into} (${names.map((one) => on.sql.quote(one)).join(', ')}) ${isNumbered ? 'OVERRIDING SYSTEM VALUE ' : ''}VALUES (${given.map(({ sql }) => sql).join(', ')})`,
      given.map(({ value }) => value),
    )
  }

  /** Inserts the rows of several tables in one transaction. */
  async insertAll(tables: TestRows): Promise<void> {
    await this.queryRunner.startTransaction()
    try {
      for (const [table, rows] of Object.entries(tables)) await this.insert(table, rows)
      await this.queryRunner.commitTransaction()
    } catch (error) {
      await this.queryRunner.rollbackTransaction().catch(() => undefined)
      throw error
    }
  }

  async rows(table: string, { where = {}, order }: TestRowsOptions = {}): Promise<TestRow[]> {
    const target = await this.#find(table)
    const by = order === undefined ? target.key : [order].flat()
    refuseUnknown(table, target, [...Object.keys(where), ...by])
    const found = (await this.#read(target)).filter((row) => isExpectedRow(row, where))
    return found.sort((a, b) => by.map((column) => compareValues(a[column], b[column])).find((way) => way !== 0) ?? 0)
  }

  async #read({ name, columns }: Target): Promise<TestRow[]> {
    const { on, queryRunner } = this
    const list = columns.map((column, index) => {
      const expression = on.values.selected(column, on.sql.quote(column.name))
      return `${expression} AS ${on.sql.quote(`c${String(index)}`)}`
    })
    const found = (await queryRunner.query(
      `SELECT ${list.length === 0 ? '*' : list.join(', ')} FROM ${quoteName(on, name)}`,
    )) as Record<string, unknown>[]
    if (list.length === 0) return found
    return found.map((row) =>
      Object.fromEntries(
        columns.map((column, index) => [column.name, on.values.value(column, row[`c${String(index)}`])]),
      ),
    )
  }

  async expect(table: string, rows: readonly TestRow[]): Promise<void> {
    const columns = rows.flatMap((row) => Object.keys(row))
    refuseUnknown(table, await this.#find(table), columns)
    assertRows(table, await this.rows(table), rows)
  }

  /** Asserts the rows of several tables. */
  async expectAll(tables: TestRows): Promise<void> {
    for (const [table, rows] of Object.entries(tables)) await this.expect(table, rows)
  }

  query(sql: string, parameters: readonly unknown[] = []): Promise<unknown> {
    return this.queryRunner.query(sql, [...parameters])
  }

  /** The rows of all tables. */
  async everything(): Promise<readonly NamedRows[]> {
    const { tables } = await this.schema()
    const all: NamedRows[] = []
    for (const table of tables) all.push({ table: displayName(table), rows: await this.rows(displayName(table)) })
    return all
  }

  /** Read once: call {@link changed} when it may have changed. */
  async schema(): Promise<Schema> {
    const { on, queryRunner, ignoreTables } = this
    return (this.#schema ??= await on.introspection.read(queryRunner, { ignoreTables }))
  }

  /** Makes the next question read the schema again. */
  changed(): void {
    this.#schema = undefined
  }

  /** A table by the name that a test gives it; what is no table of this schema (a view, a history) has no known columns. */
  async #find(given: string): Promise<Target> {
    const schema = await this.schema()
    const table = tableNamed(schema, given)
    if (table !== undefined) return { name: table, columns: table.columns, key: table.primaryKey?.columns ?? [] }
    const name = splitName(given)
    // The default schema has no name among those of tables.
    const unnamed = schema.tables.find((one) => one.schema === undefined && one.name === name.name)
    const isDefault = name.schema !== undefined && !schema.schemas.includes(name.schema) && unnamed !== undefined
    return {
      name,
      columns: isDefault ? unnamed.columns : [],
      key: isDefault ? (unnamed.primaryKey?.columns ?? []) : [],
    }
  }
}

interface Target {
  readonly name: ObjectName
  readonly columns: readonly Column[]
  /** The primary key. */
  readonly key: readonly string[]
}

/** A name that is wrong must not look like a value that is. */
function refuseUnknown(table: string, { columns }: Target, names: readonly string[]): void {
  if (columns.length === 0) return
  const unknown = names.find((name) => !columns.some((column) => column.name === name))
  if (unknown !== undefined) throw new TestFailed(`${table} has no column ${unknown}`)
}

function tableNamed({ tables }: Schema, given: string): Table | undefined {
  return tables.find((table) => displayName(table) === given)
}

function splitName(given: string): ObjectName {
  const dot = given.indexOf('.')
  return dot < 0 ? { name: given } : { schema: given.slice(0, dot), name: given.slice(dot + 1) }
}

function isList(rows: TestRow | readonly TestRow[]): rows is readonly TestRow[] {
  return Array.isArray(rows)
}

/** Null first, numbers by value, everything else as a text. */
function compareValues(a: unknown, b: unknown): number {
  const [x, y] = [a, b].map((value) => (isDate(value) ? value.getTime() : value))
  if (x === y) return 0
  if (x === null || x === undefined) return -1
  if (y === null || y === undefined) return 1
  if (isNumeric(x) && isNumeric(y)) return x < y ? -1 : 1
  return textOf(x) < textOf(y) ? -1 : 1
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : inspect(value)
}

function isNumeric(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}
