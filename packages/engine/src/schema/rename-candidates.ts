import { applyOperation } from '../operations'
import type { Operation } from '../operations/operation'
import { isCastable } from '../operations/type-change'
import { valuesOf } from './enum-values'
import { pairByKey, pairByName } from './pairing'
import { type Column, displayName, findTable, type ObjectName, type Schema, type Table } from './schema'
import { similarity } from './similarity'

/** A table or column that went and one that came, which may be the same under a new name. */
export interface RenameCandidate {
  readonly kind: 'table' | 'column'
  /** The table of a column, as it is called in `to`. */
  readonly table?: ObjectName
  /** A table's name as people write it (`schema.name`), or a column's. */
  readonly from: string
  readonly to: string
  /** How likely it is, between 0 and 1. For sorting; nothing is renamed because of it. */
  readonly score: number
}

/** Somebody's word that what went is what came. */
export interface RenameAnswer {
  /** `value`: of an enum; `map`: rows that have one value of it get another one. */
  readonly kind: 'table' | 'column' | 'value' | 'map'
  /** The table of a column or value: its name before or after it was renamed itself. */
  readonly table?: ObjectName
  /** The column of a value, under its new name. */
  readonly column?: string
  /** A table's name as people write it (`schema.name`), a column's, or a value. */
  readonly from: string
  readonly to: string
  /** A table's new name where `to`, as a text, might be read in two ways. */
  readonly toTable?: ObjectName
}

/** Of two tables' columns, so many must agree before a rename is worth asking about. */
const leastTableSimilarity = 0.5

/**
 * Every plausible rename between two schemas, the likeliest first: tables with enough columns in common, and, in tables
 * that exist on both sides, columns between whose types values could be carried over. Columns of tables that may
 * themselves have been renamed show once that is answered: pass the schema from `applyRenames`.
 */
export function findRenameCandidates(from: Schema, to: Schema): RenameCandidate[] {
  const tables = pairByName(from.tables, to.tables)
  return [
    ...byScore(tables.gone.flatMap((old) => tables.come.flatMap((wanted) => tableCandidate(old, wanted)))),
    ...tables.both.flatMap((pair) => byScore(columnCandidates(pair.from, pair.to))),
  ]
}

/**
 * The operations that carry out the answers, tables first, and the schema after them.
 * Answers that name nothing in this schema are passed over: they are about another dialect's.
 */
export function applyRenames(
  from: Schema,
  answers: readonly RenameAnswer[],
): { readonly operations: Operation[]; readonly schema: Schema } {
  const operations: Operation[] = []
  let schema = from
  const run = (operation: Operation): void => {
    schema = applyOperation(operation, schema)
    operations.push(operation)
  }
  const tables = answers.filter((answer) => answer.kind === 'table')
  for (const answer of tables) {
    const table = schema.tables.find((candidate) => displayName(candidate) === answer.from)
    const to = newName(answer, from)
    if (table === undefined || findTable(schema, to) !== undefined) continue
    if (to.schema !== undefined && !schema.schemas.includes(to.schema)) run({ op: 'createSchema', name: to.schema })
    run({ op: 'renameTable', table: nameOf(table), to })
  }
  for (const answer of answers) {
    if (answer.kind !== 'column' || answer.table === undefined) continue
    const renamed = tables.find((other) => answer.table !== undefined && other.from === displayName(answer.table))
    const table = findTable(schema, renamed === undefined ? answer.table : newName(renamed, from))
    const has = (name: string): boolean => table?.columns.some((column) => column.name === name) === true
    if (table === undefined || !has(answer.from) || has(answer.to)) continue
    run({ op: 'renameColumn', table: nameOf(table), from: answer.from, to: answer.to })
  }
  for (const kind of ['value', 'map'] as const) {
    for (const answer of answers) {
      const operation = answer.kind === kind ? valueOperation(answer, schema) : undefined
      if (operation !== undefined) run(operation)
    }
  }
  return { operations, schema }
}

/** Undefined where the column has no such value: another dialect's, or done already by way of the type. */
function valueOperation({ kind, table, column, from, to }: RenameAnswer, schema: Schema): Operation | undefined {
  const owner = table === undefined ? undefined : findTable(schema, table)
  const found = owner?.columns.find((candidate) => candidate.name === column)
  if (owner === undefined || found === undefined) return undefined
  const values = valuesOf(schema, owner, found) ?? []
  if (!values.includes(from)) return undefined
  const place = { table: nameOf(owner), column: found.name, from, to }
  if (kind === 'map') return values.includes(to) ? { op: 'mapValue', ...place } : undefined
  if (values.includes(to)) return undefined
  return { op: 'renameValue', ...place, ...(found.enum === undefined ? {} : { type: found.enum }) }
}

function tableCandidate(old: Table, wanted: Table): RenameCandidate[] {
  const { both } = pairByKey(old.columns, wanted.columns, (column) => column.name)
  const alike = both.filter((pair) => isCastable(pair.from, pair.to)).length
  const agreement = (2 * alike) / (old.columns.length + wanted.columns.length)
  const likeness = similarity(old.name, wanted.name)
  // A name that is nearly the same makes up for columns that changed as well.
  if (agreement < (likeness > 0.6 ? leastTableSimilarity / 2 : leastTableSimilarity)) return []
  const score = 0.7 * agreement + 0.3 * likeness
  return [{ kind: 'table', from: displayName(old), to: displayName(wanted), score }]
}

function columnCandidates(old: Table, wanted: Table): RenameCandidate[] {
  const { gone, come } = pairByKey(old.columns, wanted.columns, (column) => column.name)
  const table = nameOf(wanted)
  return gone.flatMap((from) =>
    come.flatMap((to): RenameCandidate[] => {
      // A computed column holds nothing that a rename would keep.
      if (from.generated !== undefined || to.generated !== undefined || !isCastable(from, to)) return []
      const samePlace = old.columns.indexOf(from) === wanted.columns.indexOf(to)
      return [{ kind: 'column', table, from: from.name, to: to.name, score: columnScore(from, to, samePlace) }]
    }),
  )
}

function columnScore(from: Column, to: Column, samePlace: boolean): number {
  return (
    (from.type === to.type ? 0.35 : 0) +
    (from.nullable === to.nullable ? 0.15 : 0) +
    (from.default === to.default ? 0.1 : 0) +
    (samePlace ? 0.15 : 0) +
    0.25 * similarity(from.name, to.name)
  )
}

function byScore(candidates: RenameCandidate[]): RenameCandidate[] {
  return candidates.sort((a, b) => b.score - a.score)
}

function nameOf({ schema, name }: ObjectName): ObjectName {
  return schema === undefined ? { name } : { schema, name }
}

/** A dot separates a schema only when the schema exists: names may hold dots themselves. */
function newName({ to, toTable }: RenameAnswer, { schemas }: Schema): ObjectName {
  if (toTable !== undefined) return nameOf(toTable)
  const schema = schemas.find((candidate) => to.startsWith(`${candidate}.`) && to.length > candidate.length + 1)
  return schema === undefined ? { name: to } : { schema, name: to.slice(schema.length + 1) }
}
