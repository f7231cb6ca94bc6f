import { isCastable } from '../../operations/columns/type-change'
import { pairByKey, pairByName } from '../pairing'
import { type Column, displayName, type ObjectName, type Schema, type Table, nameOf } from '../../schema/schema'
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

function tableCandidate(old: Table, wanted: Table): RenameCandidate[] {
  const score = tableScore(old, wanted)
  return score === undefined ? [] : [{ kind: 'table', from: displayName(old), to: displayName(wanted), score }]
}

/** How likely it is that the one table is the other under a new name; undefined when it is not plausible. */
export function tableScore(old: Table, wanted: Table): number | undefined {
  const { both } = pairByKey(old.columns, wanted.columns, (column) => column.name)
  const alike = both.filter((pair) => isCastable(pair.from, pair.to)).length
  const agreement = (2 * alike) / (old.columns.length + wanted.columns.length)
  const likeness = similarity(old.name, wanted.name)
  // A name that is nearly the same makes up for columns that changed as well.
  if (agreement < (likeness > 0.6 ? leastTableSimilarity / 2 : leastTableSimilarity)) return undefined
  return 0.7 * agreement + 0.3 * likeness
}

function columnCandidates(old: Table, wanted: Table): RenameCandidate[] {
  const { gone, come } = pairByKey(old.columns, wanted.columns, (column) => column.name)
  const table = nameOf(wanted)
  return gone.flatMap((from) =>
    come.flatMap((to): RenameCandidate[] => {
      const score = columnScore({ table: old, column: from }, { table: wanted, column: to })
      return score === undefined ? [] : [{ kind: 'column', table, from: from.name, to: to.name, score }]
    }),
  )
}

interface ColumnOf {
  readonly table: Table
  readonly column: Column
}

/** How likely it is that the one column is the other under a new name; undefined when it is not plausible. */
export function columnScore(old: ColumnOf, wanted: ColumnOf): number | undefined {
  const [from, to] = [old.column, wanted.column]
  // A computed column holds nothing that a rename would keep.
  if (from.generated !== undefined || to.generated !== undefined || !isCastable(from, to)) return undefined
  const samePlace = old.table.columns.indexOf(from) === wanted.table.columns.indexOf(to)
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
