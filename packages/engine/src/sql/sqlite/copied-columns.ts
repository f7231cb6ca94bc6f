import { readCopy } from './copy'
import { Cursor } from './cursor'
import { readInsert } from './changes'
import { tokenize } from './tokens'

/** The columns of one table that a statement copies into another one. */
export interface CopiedColumns {
  readonly source: string
  readonly target: string
  readonly columns: readonly { readonly from: string; readonly to: string }[]
}

/**
 * Reads `INSERT INTO target (…) SELECT … FROM source`, the copy of a rebuilt table.
 *
 * @returns undefined for any other statement
 * @example
 * copiedColumns('INSERT INTO "temporary_users" ("id", "full_name") SELECT "id", "name" FROM "users"')?.columns[1] // { from: 'name', to: 'full_name' }
 */
export function copiedColumns(sql: string): CopiedColumns | undefined {
  try {
    const { target, columns: into = [], body } = readInsert(new Cursor(sql, tokenize(sql)))
    const copy = readCopy(sql, body)
    if (copy === undefined || copy.columns.length !== into.length) return undefined
    const columns = copy.columns.flatMap((column, at) => {
      const to = into[at]
      return column === '*' || column.kept === undefined || to === undefined ? [] : [{ from: column.kept, to }]
    })
    return { source: copy.source.name, target: target.name, columns }
  } catch {
    return undefined
  }
}
