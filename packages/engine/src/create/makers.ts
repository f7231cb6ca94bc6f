import type { QueryRunner } from 'typeorm'

import type { MigratorContext } from '../project/context'
import type { Dialect } from '../dialect/dialect'
import { applyOperation, reverseOperation } from '../operations'
import type { Operation } from '../operations/operation'
import type { Revision } from '../revision/revision'
import { isDerivedName, type UnmanagedDrop } from '../difference/unmanaged-drops'
import { sameData } from '../schema/json'
import { displayName, emptySchema, findTable, type ObjectName, type Schema } from '../schema/schema'
import { replay } from '../shadow/replay'
import { interrupted, type SentStatement } from '../shadow/statements'
import type { EffectsReader } from '../sql/effects'
import { Relevance } from '../sql/relevance'
import { plural } from '../text'

/** The revision that created an object. */
export interface Maker {
  readonly revision: Revision
  /** True if a generator wrote the statement: this tool, or TypeORM. */
  readonly generated: boolean
}

/**
 * Finds the revisions that created the objects: replays all revisions one by one and records the statements of each.
 *
 * Reading a schema takes longer than running a revision, so it is read only around the statements that concern the objects. What no
 * such statement creates is looked for around all of them.
 *
 * An object counts as generated if its statement is the one that this tool would write, or has the form of TypeORM's
 * statements. The same statement written by hand cannot be distinguished from a generated one.
 *
 * @returns the makers by pattern; objects that no revision creates are missing
 */
export async function findMakers(
  context: MigratorContext,
  dialect: Dialect,
  objects: readonly UnmanagedDrop[],
): Promise<ReadonlyMap<string, Maker>> {
  const makers = new Map<string, Maker>()
  if (objects.length === 0) return makers
  const what = objects.length === 1 ? objects[0]?.pattern.replace(':', ' ') : plural(objects.length, 'object')
  context.reporter.progress(`finding what created ${what ?? ''} on ${dialect.name}`)
  const find = (steps: readonly Step[]): void => {
    for (const object of objects) {
      if (makers.has(object.pattern)) continue
      const maker = makerOf(dialect, object, steps)
      if (maker !== undefined) makers.set(object.pattern, maker)
    }
  }
  find(await stepsConcerning(context, dialect, objects))
  if (makers.size < objects.length) find(await stepsOf(context, dialect, () => true))
  return makers
}

/** A replayed revision. */
interface Step {
  readonly revision: Revision
  readonly sent: readonly SentStatement[]
  /** The schemas before and after the statements that concern what is looked for; undefined if none does. */
  readonly around: { readonly before: Schema; readonly after: Schema } | undefined
}

/** Replays the revisions, and reads the schemas around those that concern the objects, under the names that they have or had. */
async function stepsConcerning(
  context: MigratorContext,
  dialect: Dialect,
  objects: readonly UnmanagedDrop[],
): Promise<readonly Step[]> {
  const names = new Set(objects.flatMap((object) => [ownName(object), tableOf(object)?.name ?? []].flat()))
  for (;;) {
    const relevance = new Relevance(names)
    const steps = await stepsOf(context, dialect, (sql, reader) => relevance.concerns(sql, reader))
    addEarlierNames(names, steps)
    const now = new Relevance(names)
    if (!steps.some(({ around, sent }) => around === undefined && sent.some(({ sql }) => now.names(sql)))) return steps
  }
}

/** @param concerns whether the schemas around a statement are read */
async function stepsOf(
  context: MigratorContext,
  dialect: Dialect,
  concerns: (sql: string, reader: EffectsReader) => boolean,
): Promise<readonly Step[]> {
  const { graph } = await context.revisions.read()
  const ignoreTables = await context.connection.ignoreTables()
  const shadows = await context.shadows()
  const steps: Step[] = []
  await shadows.withRunner(dialect, async (runner) => {
    /** What was read last, and whether nothing was sent since. */
    let [last, isCurrent] = [emptySchema, true]
    const read = async (from: QueryRunner): Promise<Schema> => {
      if (!isCurrent) last = share(await dialect.introspection.read(from, { ignoreTables }), last)
      isCurrent = true
      return last
    }
    for (const revision of graph.order) {
      const reader = await dialect.sql.readEffects()
      let sent: SentStatement[] = []
      let before: Schema | undefined
      const load = async (wanted: Revision) => {
        // It is loaded again when it has to run outside a transaction.
        sent = []
        before = undefined
        return interrupted(await context.revisions.loadToReplay(wanted), async (statement, quiet) => {
          sent.push(statement)
          if (before === undefined && concerns(statement.sql, reader)) before = await read(quiet)
          isCurrent = false
        })
      }
      await replay(dialect, runner, [revision], 'upgrade', load)
      steps.push({ revision, sent, around: before === undefined ? undefined : { before, after: await read(runner) } })
    }
  })
  return steps
}

/** The schema with the tables of another one where they are equal: those of a thousand revisions would fill the memory. */
function share(schema: Schema, other: Schema): Schema {
  const known = new Map(other.tables.map((table) => [displayName(table), table]))
  const tables = schema.tables.map((table) => {
    const same = known.get(displayName(table))
    return same !== undefined && sameData(same, table) ? same : table
  })
  return { ...schema, tables }
}

/** Adds the names that the objects, and their tables, had before. */
function addEarlierNames(names: Set<string>, steps: readonly Step[]): void {
  const renames = steps.flatMap(({ sent }) => sent.flatMap(({ sql }) => renameIn(sql) ?? []))
  for (let size = 0; size !== names.size;) {
    size = names.size
    for (const { outer, inner, to } of renames) if (names.has(to)) names.add(inner ?? outer)
  }
}

/** Searches from the last revision to the first, under the name that the object had then. */
function makerOf(dialect: Dialect, object: UnmanagedDrop, steps: readonly Step[]): Maker | undefined {
  let current = object
  for (const { revision, sent, around } of steps.toReversed()) {
    if (around === undefined) continue
    const { before, after } = around
    const earlier = sent.flatMap(({ sql }) => renamedBy(sql, current) ?? []).find((known) => has(before, known))
    if (earlier !== undefined) current = earlier
    else if (!has(before, current) && has(after, current))
      return { revision, generated: isGenerated(dialect, current, sent, after) }
  }
  return undefined
}

const identifier = String.raw`(?:"(?:[^"]|"")+"|[\w$]+)`
/** `ALTER TABLE "s"."a" RENAME TO "b"`, `ALTER TABLE "t" RENAME COLUMN "a" TO "b"`, `ALTER TRIGGER "a" ON "t" RENAME TO "b"` */
const renaming = new RegExp(
  String.raw`^\s*ALTER [A-Z ]*?(?:${identifier}\.)?(${identifier})(?: ON .*?)? RENAME (?:(?:CONSTRAINT |COLUMN )?(${identifier}) )?TO (${identifier})\s*$`,
  'i',
)

/** A statement that renames something: `outer` itself, or `inner` of the table `outer`. */
interface Rename {
  readonly outer: string
  readonly inner: string | undefined
  readonly to: string
}

function renameIn(sql: string): Rename | undefined {
  const found = renaming.exec(sql)
  if (found === null) return undefined
  const [outer = '', inner, to = ''] = found
    .slice(1)
    .map((name: string | undefined) => name?.replace(/^"|"$/g, '').replaceAll('""', '"'))
  return { outer, inner, to }
}

/** The object before a statement that renames it or its table; undefined for any other statement. */
function renamedBy(sql: string, object: UnmanagedDrop): UnmanagedDrop | undefined {
  const found = renameIn(sql)
  if (found === undefined) return undefined
  const { outer, inner, to } = found
  const own = ownName(object)
  const prefix = object.name.slice(0, -own.length)
  const table = tableOf(object)
  if (inner === undefined && table?.name === to)
    return { ...object, original: { ...object.original, table: { ...table, name: outer } } as Operation }
  return own !== to ? undefined : { ...object, name: `${prefix}${inner ?? outer}` }
}

/** True if the schema has the object; parts of a table are found by their own name, because the table may be renamed. */
function has(schema: Schema, object: UnmanagedDrop): boolean {
  const { kind, name } = object
  const table = tableOf(object)
  const withName = (items: readonly { readonly name?: string }[]): boolean => items.some((item) => item.name === name)
  const named = (items: readonly { readonly name: string; readonly schema?: string }[]): boolean =>
    items.some((item) => displayName(item) === name)
  const { tables, views } = schema
  switch (kind) {
    case 'table':
      return named(tables)
    case 'column':
      return table !== undefined && withName(findTable(schema, table)?.columns ?? [])
    case 'primaryKey':
      return withName(tables.flatMap((item) => item.primaryKey ?? []))
    case 'unique':
      return withName(tables.flatMap((item) => item.uniques))
    case 'check':
      return withName(tables.flatMap((item) => item.checks))
    case 'exclusion':
      return withName(tables.flatMap((item) => item.exclusions))
    case 'foreignKey':
      return withName(tables.flatMap((item) => item.foreignKeys))
    case 'index':
      return withName([...tables, ...views].flatMap((item) => item.indexes))
    case 'trigger':
      return withName([...tables, ...views].flatMap((item) => item.triggers ?? []))
    case 'policy':
      return withName(tables.flatMap((item) => item.policies ?? []))
    case 'partition':
      return named(tables.flatMap((item) => item.partitions ?? []))
    case 'view':
      return named(views)
    case 'enum':
      return named(schema.enums)
    case 'sequence':
      return named(schema.sequences)
    case 'function':
      return named(schema.functions ?? [])
    case 'domain':
      return named(schema.domains ?? [])
    case 'schema':
      return schema.schemas.includes(name)
    case 'extension':
      return schema.extensions.includes(name)
  }
}

/** The name without its schema. */
function ownName({ name }: UnmanagedDrop): string {
  return name.slice(name.lastIndexOf('.') + 1)
}

/** The table under its name in the revisions. */
function tableOf({ original }: UnmanagedDrop): ObjectName | undefined {
  return 'table' in original ? original.table : undefined
}

function isGenerated(dialect: Dialect, object: UnmanagedDrop, sent: readonly SentStatement[], after: Schema): boolean {
  if (object.certain) return false
  if (isDerivedName(object.name)) return true
  const written = sent.filter((statement) => statement.written)
  const texts = new Set(written.map(({ sql }) => plain(sql)))
  if (ownStatements(dialect, object, after).some((sql) => texts.has(plain(sql)))) return true
  return written.some((statement) => isTypeormStatement(object, statement))
}

/** The statements that this tool would write to create the object. */
function ownStatements(dialect: Dialect, { original }: UnmanagedDrop, after: Schema): string[] {
  try {
    const from = applyOperation(original, after)
    return dialect.ddl.render([reverseOperation(original)], from).map(({ sql }) => sql)
  } catch {
    // The operation does not apply: the table had another name then, or something else depends on the object.
    return []
  }
}

/**
 * True if the statement has the form of TypeORM's statements, which quote every name. Constraints are created with their
 * table, and a view has a row in TypeORM's metadata table.
 */
function isTypeormStatement(object: UnmanagedDrop, { sql, parameters }: SentStatement): boolean {
  const { kind } = object
  const table = tableOf(object)
  const own = quoted(ownName(object))
  const isTable = /^\s*CREATE TABLE "/.test(sql)
  switch (kind) {
    case 'table':
      return isTable && sql.slice(0, sql.indexOf('(')).includes(own)
    case 'column':
      return (
        (isTable && sql.includes(`${own} `)) ||
        (table !== undefined &&
          new RegExp(
            `^\\s*ALTER TABLE .*${escaped(quoted(table.name))} (?:ADD (?:COLUMN )?|RENAME COLUMN ".*" TO )${escaped(own)}(?: |$)`,
          ).test(sql))
      )
    case 'unique':
    case 'check':
    case 'exclusion':
    case 'foreignKey':
      return isTable && sql.includes(`CONSTRAINT ${own} `)
    case 'enum':
      return new RegExp(`^\\s*CREATE TYPE .*${escaped(own)} AS ENUM`).test(sql)
    case 'view':
      return sql.includes('typeorm_metadata') && parameters.includes(ownName(object))
    case 'schema':
      return new RegExp(`^\\s*CREATE SCHEMA (?:IF NOT EXISTS )?${escaped(own)}\\s*$`).test(sql)
    default:
      return false
  }
}

/** A statement without the differences between generators and their versions. */
function plain(sql: string): string {
  return sql
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ (?:IF NOT EXISTS|USING "?btree"?|ON (?:DELETE|UPDATE) NO ACTION)(?= |$)/g, '')
    .replaceAll(' ADD COLUMN ', ' ADD ')
    .replaceAll('"public".', '')
    .replaceAll(/ ?([(),]) ?/g, '$1')
    .replace(/;? *$/, '')
    .trim()
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
