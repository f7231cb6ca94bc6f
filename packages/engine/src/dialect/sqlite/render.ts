import { AludelError } from '../../errors'
import { applyOperation, describeOperation, type Operation } from '../../operations'
import { phrasesOf } from '../../operations/comments'
import {
  findTable,
  type ForeignKey,
  type Index,
  type ObjectName,
  sameName,
  type Schema,
  type Table,
  type Trigger,
  type View,
} from '../../schema/schema'
import { needsOf } from '../../difference/needs'
import { renameSteps } from '../../difference/renames/steps'
import type { Statement } from '../roles/ddl'
import { lay, layQuery } from '../layout'
import { commonInline, inOrderOf, writtenAs } from './inline'
import { guards } from './guard'
import { type Lineage, traceTables } from './lineage'
import { nativeAlteration } from './native'
import { quote } from './quote'
import { rebuildSql } from './rebuild'
import { type Schedule, scheduleTables } from './schedule'
import { createIndexSql, createTableSql, writtenInline } from './table-sql'
import { type Rename, renameInTrigger } from './trigger-rename'

/**
 * SQL for operations. Renames use SQLite's own statements, in the place of their operations: it then also renames in every
 * text it keeps. All other changes of a table are made at once, after the last operation on it: natively if SQLite can, else
 * by one rebuild. A new table is created with its final columns.
 */
export function render(operations: readonly Operation[], from: Schema): readonly Statement[] {
  return new Rendering(operations, from).statements
}

/**
 * The statements of an upgrade and its downgrade. SQLite drops a column together with the constraints written after it, but
 * refuses if others name it. So the downgrade is written for the constraints that the upgrade leaves after columns, and the
 * upgrade relies only on those that the downgrade leaves there too.
 *
 * @param to its tables may have their columns in another order than the upgrade leaves: entities declare them in their own
 */
export function renderBothWays(
  operations: readonly Operation[],
  reverse: readonly Operation[],
  from: Schema,
  to: Schema,
): { readonly up: readonly Statement[]; readonly down: readonly Statement[] } {
  let start = from
  for (;;) {
    const up = new Rendering(operations, start)
    const down = new Rendering(reverse, writtenAs(to, up.physical), from)
    const next = commonInline(start, down.physical)
    if (next === start) return { up: up.statements, down: down.statements }
    start = next
  }
}

class Rendering {
  readonly statements: Statement[] = []
  /** The database after the statements so far. */
  #physical: Schema
  readonly #lineages: readonly Lineage[]
  readonly #final: Schema
  readonly #schedule: Schedule
  readonly #byOperation: ReadonlyMap<number, Lineage>
  #droppable = (lineage: Lineage): boolean => !this.#schedule.delayed.has(lineage)
  /** Tables that have been altered, and so have their final columns. */
  readonly #altered = new Set<Lineage>()
  /** Current names of the tables in the database. */
  readonly #names: Map<Lineage, string>
  /** Triggers of dropped views, for when these are created again. */
  readonly #viewTriggers = new Map<string, readonly Trigger[]>()

  constructor(
    readonly operations: readonly Operation[],
    from: Schema,
    /** The schema to go back to: a rebuild restores the order of columns, and the constraints written after them. */
    readonly restored?: Schema,
  ) {
    this.#physical = from
    const traced = traceTables(operations, from)
    this.#lineages = traced.lineages
    this.#final = traced.final
    this.#names = new Map(
      traced.lineages.flatMap((lineage) => (lineage.initial ? [[lineage, lineage.initial.name]] : [])),
    )
    this.#schedule = scheduleTables(operations, traced)
    this.#byOperation = new Map(
      traced.lineages.flatMap((lineage) => lineage.operations.map((at): [number, Lineage] => [at, lineage])),
    )
    const stops = guards(needsOf(operations, from))
    if (stops.length > 0) this.#emit('stop before any change if rows violate a requirement', ...stops)
    const { last, altered, early, delayed } = this.#schedule
    for (const [at, operation] of operations.entries()) {
      for (const lineage of early.get(at) ?? []) this.#alter(lineage, at)
      this.#run(operation, at)
      if (at !== last) continue
      for (const lineage of altered) this.#alter(lineage, at)
      this.#droppable = () => true
      for (const lineage of delayed) this.#dropTable(lineage)
    }
    for (const operation of operations) this.#makeTrigger(operation)
  }

  get physical(): Schema {
    return this.#physical
  }

  #emit(comment: string, ...statements: readonly string[]): void {
    this.statements.push(...statements.map((sql, index) => (index === 0 ? { sql, comment } : { sql })))
  }

  #run(operation: Operation, at: number): void {
    switch (operation.op) {
      case 'createTable':
        this.#createTable(this.#lineageOf(at), at, operation.definition.triggers)
        break
      case 'dropTable':
        this.#dropTable(this.#lineageOf(at))
        break
      case 'renameTable':
        this.#renameTable(this.#lineageOf(at), operation.to)
        break
      case 'renameColumn':
        this.#renameColumn(this.#lineageOf(at), operation.from, operation.to)
        break
      case 'createIndex':
        this.#createIndex(this.#lineageOf(at), operation.index)
        break
      case 'createView':
        this.#createView(operation.definition)
        break
      case 'dropView':
        this.#dropView(operation.definition)
        break
      case 'createTrigger':
        break
      case 'dropTrigger':
        this.#dropTrigger(operation.table, operation.trigger)
        break
      case 'replaceTrigger':
        this.#dropTrigger(operation.table, operation.from)
        break
      case 'replaceView':
        this.#dropView(operation.from)
        this.#createView(operation.to)
        break
      default:
        this.#lineageOf(at)
    }
  }

  #lineageOf(at: number): Lineage {
    const lineage = this.#byOperation.get(at)
    if (lineage === undefined) throw unsupported(this.operations[at])
    return lineage
  }

  /** The table with its final definition, under the names that tables have at this point. */
  #shape(lineage: Lineage, at: number): Table | undefined {
    const final = lineage.finalName === undefined ? undefined : findTable(this.#final, lineage.finalName)
    if (final === undefined) return undefined
    const referenced = (name: ObjectName): Lineage | undefined =>
      this.#lineages.find((other) => other.finalName !== undefined && sameName(other.finalName, name))
    const referenceNow = ({ references: { columns, ...name } }: ForeignKey): ForeignKey['references'] => {
      const other = referenced(name)
      const isFinal = other === undefined || other === lineage || this.#altered.has(other)
      return {
        ...name,
        name: other?.nameAt(at).name ?? name.name,
        columns: isFinal ? columns : columns.map((column) => other.sourceOf(column) ?? column),
      }
    }
    const restored = this.restored === undefined ? undefined : findTable(this.restored, final)
    return {
      ...final,
      columns: inOrderOf(final.columns, restored),
      inline: restored?.inline ?? final.inline,
      name: lineage.nameAt(at).name,
      foreignKeys: final.foreignKeys.map((key) => ({ ...key, references: referenceNow(key) })),
    }
  }

  #createTable(lineage: Lineage, at: number, triggers: readonly Trigger[]): void {
    const final = this.#shape(lineage, at)
    if (final === undefined) return
    const shape: Table = { ...final, triggers }
    const taken = new Set(this.#physical.tables.flatMap((table) => table.indexes.map((index) => index.name)))
    const indexes = shape.indexes.filter((index) => !taken.has(index.name))
    this.#emit(
      `${shape.name}: create table`,
      createTableSql(shape),
      ...indexes.map((index) => createIndexSql(shape.name, index)),
      ...shape.triggers.map(({ sql }) => sql),
    )
    this.#names.set(lineage, shape.name)
    this.#physical = {
      ...this.#physical,
      tables: [...this.#physical.tables, { ...shape, indexes, inline: writtenInline(shape) }],
    }
  }

  /**
   * Drops a table after the tables that reference it and are dropped too: where foreign keys are enforced, their rows would
   * block it. In a circle one must be dropped while another still references it; best one that references itself, because
   * the last one cannot do so: SQLite would check its references.
   */
  #dropTable(lineage: Lineage, waiting: readonly Lineage[] = []): void {
    const current = this.#physicalTable(lineage)
    if (current === undefined || !this.#droppable(lineage)) return
    const dropped = this.#lineages.filter((other) => other !== lineage && other.finalName === undefined)
    const referencing = dropped.filter((other) => this.#references(other, current))
    if (referencing.some((other) => waiting.includes(other))) {
      const circular = waiting.find(
        (other) => referencing.includes(other) && this.#references(other, this.#physicalTable(other)),
      )
      if (circular !== undefined && !this.#references(lineage, current)) return
      this.#emit(`${current.name}: drop table, part of a circle of references`, 'PRAGMA defer_foreign_keys = ON')
    }
    for (const other of referencing) if (!waiting.includes(other)) this.#dropTable(other, [...waiting, lineage])
    this.#emit(`${current.name}: drop table`, `DROP TABLE ${quote(current.name)}`)
    this.#names.delete(lineage)
    this.#physical = { ...this.#physical, tables: this.#physical.tables.filter((table) => table !== current) }
  }

  #references(lineage: Lineage, target: Table | undefined): boolean {
    const keys = this.#physicalTable(lineage)?.foreignKeys ?? []
    return target !== undefined && keys.some((key) => sameName(key.references, target))
  }

  /** The table as it is in the database now; undefined if it does not exist. */
  #physicalTable(lineage: Lineage): Table | undefined {
    const name = this.#names.get(lineage)
    return name === undefined ? undefined : findTable(this.#physical, { name })
  }

  #renameTable(lineage: Lineage, to: ObjectName): void {
    const current = this.#physicalTable(lineage)
    if (current === undefined) return
    this.#emit(
      `${current.name}: rename table to ${to.name}`,
      `ALTER TABLE ${quote(current.name)} RENAME TO ${quote(to.name)}`,
    )
    this.#follow({ op: 'renameTable', table: { name: current.name }, to }, { table: current.name, to: to.name })
    this.#names.set(lineage, to.name)
  }

  #renameColumn(lineage: Lineage, from: string, to: string): void {
    const columns = this.#physicalTable(lineage)?.columns.map((column) => column.name) ?? []
    // A new table gets its final names, a dropped one needs none, and a new column is added later.
    if (lineage.initial === undefined || lineage.finalName === undefined || !columns.includes(from)) return
    if (this.#altered.has(lineage)) return
    if (columns.includes(to)) this.#renamePhysically(lineage, to, `aludel_old_${to}`)
    this.#renamePhysically(lineage, from, to)
  }

  /** Renames columns of a table that is altered before their operations: only a rename also changes what references them. */
  #renameEarly(lineage: Lineage, shape: Table): void {
    const before = this.#physicalTable(lineage)
    if (before === undefined) return
    const columns = new Set(before.columns.map((column) => column.name))
    const moves = [...lineage.sources(before, shape)].map(([to, from]) => ({ from, to }))
    const renamed = new Set(moves.flatMap(({ from, to }) => (from === to ? [] : [from])))
    for (const { from, to } of moves)
      if (from !== to && columns.has(to) && !renamed.has(to)) this.#renamePhysically(lineage, to, `aludel_old_${to}`)
    const steps = renameSteps(
      moves,
      String,
      () => false,
      (name) => `aludel_old_${name}`,
    )
    for (const { from, to } of steps) this.#renamePhysically(lineage, from, to)
  }

  #renamePhysically(lineage: Lineage, from: string, to: string): void {
    const name = this.#names.get(lineage) ?? ''
    this.#emit(
      `${name}: rename column ${from} to ${to}`,
      `ALTER TABLE ${quote(name)} RENAME COLUMN ${quote(from)} TO ${quote(to)}`,
    )
    this.#follow({ op: 'renameColumn', table: { name }, from, to }, { table: name, column: from, to })
    lineage.renameSource(from, to)
  }

  /** Applies a rename to the texts that SQLite keeps. */
  #follow(operation: Operation, rename: Rename): void {
    const before = this.#physical
    const after = applyOperation(operation, before)
    const renamed = (owner: string, triggers: readonly Trigger[]): Trigger[] =>
      triggers.map((trigger) => renameInTrigger(trigger, owner, rename, before))
    this.#physical = {
      ...after,
      tables: after.tables.map((table) => ({
        ...table,
        triggers: renamed(ownerBefore(table.name, rename), table.triggers),
      })),
    }
    for (const [view, triggers] of this.#viewTriggers) this.#viewTriggers.set(view, renamed(view, triggers))
  }

  /**
   * Drops a trigger before the tables change: SQLite would check the statements of the trigger, and refuse. One on a dropped
   * table is dropped with it.
   */
  #dropTrigger(owner: ObjectName, { name }: Trigger): void {
    const without = (triggers: readonly Trigger[]): Trigger[] => triggers.filter((other) => other.name !== name)
    const table = this.#physical.tables.find((other) => sameName(other, owner))
    if (table !== undefined) this.#edit(table, { ...table, triggers: without(table.triggers) })
    const kept = this.#viewTriggers.get(owner.name)
    if (kept !== undefined) this.#viewTriggers.set(owner.name, without(kept))
    const view = this.#physical.views.find((other) => sameName(other, owner))
    if (view !== undefined) this.#editView(view, without(view.triggers ?? []))
    const ownerDropped = this.operations.some((other) => other.op === 'dropTable' && sameName(other.table, owner))
    if ((table ?? view) !== undefined && !ownerDropped) {
      this.#emit(`${owner.name}: drop trigger ${name}`, `DROP TRIGGER ${quote(name)}`)
    }
  }

  /** Creates a trigger after all other changes: its statements may use new objects. */
  #makeTrigger(operation: Operation): void {
    if (operation.op !== 'createTrigger' && operation.op !== 'replaceTrigger') return
    const trigger = operation.op === 'createTrigger' ? operation.trigger : operation.to
    this.#emit(`${operation.table.name}: create trigger ${trigger.name}`, trigger.sql)
  }

  #editView(current: View, triggers: readonly Trigger[]): void {
    this.#physical = {
      ...this.#physical,
      views: this.#physical.views.map((other) => (other === current ? { ...other, triggers } : other)),
    }
  }

  /** Creates an index whose name was not free when its new table was created. */
  #createIndex(lineage: Lineage, index: Index): void {
    const current = this.#physicalTable(lineage)
    const wanted = this.#shape(lineage, this.operations.length)?.indexes ?? []
    if (lineage.initial !== undefined || current === undefined || !wanted.some((other) => other.name === index.name))
      return
    if (current.indexes.some((other) => other.name === index.name)) return
    this.#releaseNames([index], current)
    this.#emit(`${current.name}: create index ${index.name}`, createIndexSql(current.name, index))
    this.#edit(current, { ...current, indexes: [...current.indexes, index] })
  }

  /**
   * Drops indexes that still have the name of a new index of another table: names of indexes are unique in the database, and
   * tables are altered one after the other.
   */
  #releaseNames(indexes: readonly Index[], taker: Table): void {
    for (const owner of this.#physical.tables) {
      const held =
        owner === taker ? [] : owner.indexes.filter(({ name }) => indexes.some((index) => index.name === name))
      for (const { name } of held) this.#emit(`${owner.name}: drop index ${name}`, `DROP INDEX ${quote(name)}`)
      if (held.length > 0)
        this.#edit(owner, { ...owner, indexes: owner.indexes.filter((index) => !held.includes(index)) })
    }
  }

  #edit(current: Table, table: Table): void {
    this.#physical = {
      ...this.#physical,
      tables: this.#physical.tables.map((other) => (other === current ? table : other)),
    }
  }

  #alter(lineage: Lineage, at: number): void {
    const shape = this.#shape(lineage, at)
    if (shape !== undefined) this.#renameEarly(lineage, shape)
    const before = this.#physicalTable(lineage)
    if (before === undefined || shape === undefined) return
    this.#altered.add(lineage)
    this.#releaseNames(shape.indexes, before)
    const after: Table = { ...shape, triggers: before.triggers }
    const alteration = {
      before,
      after,
      sources: lineage.sources(before, after),
      values: (column: string) => lineage.valuesOf(column),
    }
    const native = nativeAlteration(alteration)
    const phrases = phrasesOf(lineage.operations.flatMap((index) => this.operations[index] ?? []))
    if (native !== null) this.#emit(`${after.name}: ${phrases}`, ...native.sql)
    else this.statements.push(...rebuildSql(alteration, this.#physical, `${after.name}: rebuild (${phrases})`))
    this.#edit(before, { ...after, inline: native?.inline ?? writtenInline(after) })
  }

  /** Creates a view, and its earlier triggers with the text that SQLite kept, which contains all renames. */
  #createView(view: View): void {
    const kept = this.#viewTriggers.get(view.name) ?? []
    const triggers = (view.triggers ?? []).map((trigger) => kept.find(({ name }) => name === trigger.name) ?? trigger)
    this.#emit(
      `create view ${view.name}`,
      lay([`CREATE VIEW ${quote(view.name)} AS`, layQuery(view.definition)]),
      ...triggers.map(({ sql }) => sql),
    )
    this.#physical = { ...this.#physical, views: [...this.#physical.views, view] }
  }

  #dropView(view: View): void {
    const current = this.#physical.views.find((other) => sameName(other, view))
    this.#viewTriggers.set(view.name, current?.triggers ?? [])
    this.#emit(`drop view ${view.name}`, `DROP VIEW ${quote(view.name)}`)
    this.#physical = { ...this.#physical, views: this.#physical.views.filter((other) => !sameName(other, view)) }
  }
}

function ownerBefore(name: string, rename: Rename): string {
  return !('column' in rename) && rename.to === name ? rename.table : name
}

function unsupported(operation: Operation | undefined): AludelError {
  const what = operation === undefined ? 'an unknown operation' : describeOperation(operation)
  return new AludelError('ALUDEL_OPERATION', `SQLite cannot ${what}`, {
    help: 'Enums, sequences, schemas and exclusion constraints exist only in PostgreSQL.',
  })
}
