import { quote } from '../names'

/** The schema of everything that is kept, except hidden columns. Only its owner may use it. */
export const keptSchema = 'aludel_kept'

/** The table of an entry: `"aludel_kept"."3"`. */
export function keptTable(id: number): string {
  return `${quote(keptSchema)}.${quote(String(id))}`
}

/** A column that a revision has dropped, under another name. */
export function hiddenColumn(id: number): string {
  return `aludel_kept_${String(id)}`
}

/** Marks the rows that had a value, possibly NULL, when the column was dropped: true for them, NULL for later ones. */
export function markColumn(id: number): string {
  return `aludel_kept_${String(id)}_had`
}

/** Numbers the rows of a table without a usable key. */
export function numberColumn(id: number): string {
  return `aludel_kept_${String(id)}_row`
}

/** A condition that is true for the name of a column that only keeps something. */
export function isHidden(name: string): string {
  return `${name} ~ '^aludel_kept_[0-9]+(_had|_row)?$'`
}
