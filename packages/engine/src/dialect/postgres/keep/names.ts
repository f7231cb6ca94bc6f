import { quote } from '../names'

/** The schema of everything that is kept, except hidden columns. Only its owner may use it. */
export const keptSchema = 'aludel_kept'

/** See `KeepingRole`. */
export const keptRegistry = {
  registry: `${keptSchema}.entries`,
  registryExists:
    `EXISTS (SELECT FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace ` +
    `WHERE n.nspname = '${keptSchema}' AND c.relname = 'entries')`,
} as const

/** The table of an entry: `"aludel_kept"."3"`. */
export function keptTable(id: number): string {
  return `${quote(keptSchema)}.${quote(String(id))}`
}

/** A column that a revision has dropped, under another name. */
export function hiddenColumn(id: number): string {
  return `aludel_kept_${String(id)}`
}

/** Marks the rows that were there when the column was dropped: true for them, NULL for later ones. */
export function markColumn(id: number): string {
  return `aludel_kept_${String(id)}_had`
}

/**
 * Refuses later rows with a value in a hidden column. An INSERT without a list of columns counts hidden ones, and would put its
 * values into wrong columns.
 */
export function guardConstraint(id: number): string {
  return `aludel_kept_${String(id)}_guard`
}

/** Numbers the rows of a table without a usable key. */
export function numberColumn(id: number): string {
  return `aludel_kept_${String(id)}_row`
}

/** A condition that is true for the name of a column, or of its constraint, that only keeps something. */
export function isHidden(name: string): string {
  return `${name} ~ '^aludel_kept_[0-9]+(_had|_row|_guard)?$'`
}
