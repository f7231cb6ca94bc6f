import { isCastable } from '../../operations/columns/type-change'
import { pairByKey, pairByName } from '../pairing'
import { type Column, displayName, type ObjectName, type Schema, type Table, nameOf } from '../../schema/schema'
import { similarity } from './similarity'

/** A removed and an added table or column that may be the same under a new name. */
export interface RenameCandidate {
  readonly kind: 'table' | 'column'
  /** The table of a column, under its name in `to`. */
  readonly table?: ObjectName
  /** The display name of a table, or the name of a column. */
  readonly from: string
  readonly to: string
  /** How likely the rename is, between 0 and 1. Only for sorting. */
  readonly score: number
}

/** The share of columns that two tables must have in common before a rename is worth asking about. */
const leastTableSimilarity = 0.5

/**
 * Every plausible rename between two schemas, likeliest first: tables with enough columns in common and, in tables of
 * both schemas, columns with castable types. For the columns of renamed tables, pass the schema that `applyRenames`
 * returns.
 */
export function findRenameCandidates(from: Schema, to: Schema): RenameCandidate[] {
  const tables = pairByName(from.tables, to.tables)
  return [
    ...byScore(tables.removed.flatMap((old) => tables.added.flatMap((wanted) => tableCandidate(old, wanted)))),
    ...tables.both.flatMap((pair) => byScore(columnCandidates(pair.from, pair.to))),
  ]
}

function tableCandidate(old: Table, wanted: Table): RenameCandidate[] {
  const score = tableScore(old, wanted)
  return score === undefined ? [] : [{ kind: 'table', from: displayName(old), to: displayName(wanted), score }]
}

/** How likely it is that a table was renamed to the other, between 0 and 1; undefined if it is not plausible. */
export function tableScore(old: Table, wanted: Table): number | undefined {
  const { both } = pairByKey(old.columns, wanted.columns, (column) => column.name)
  const alike = both.filter((pair) => isCastable(pair.from, pair.to)).length
  const agreement = (2 * alike) / (old.columns.length + wanted.columns.length)
  const likeness = similarity(old.name, wanted.name)
  // A similar name compensates for changed columns.
  if (agreement < (likeness > 0.6 ? leastTableSimilarity / 2 : leastTableSimilarity)) return undefined
  return 0.7 * agreement + 0.3 * likeness
}

function columnCandidates(old: Table, wanted: Table): RenameCandidate[] {
  const { removed, added } = pairByKey(old.columns, wanted.columns, (column) => column.name)
  const table = nameOf(wanted)
  return removed.flatMap((from) =>
    added.flatMap((to): RenameCandidate[] => {
      const score = columnScore({ table: old, column: from }, { table: wanted, column: to })
      return score === undefined ? [] : [{ kind: 'column', table, from: from.name, to: to.name, score }]
    }),
  )
}

interface ColumnOf {
  readonly table: Table
  readonly column: Column
}

/** How likely it is that a column was renamed to the other, between 0 and 1; undefined if it is not plausible. */
export function columnScore(old: ColumnOf, wanted: ColumnOf): number | undefined {
  const [from, to] = [old.column, wanted.column]
  // A rename of a generated column would keep no values.
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
