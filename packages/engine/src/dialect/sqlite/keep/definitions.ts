import type { CatalogObject } from './catalog'

/** What an entry of SQLite has in `definitions`. */
export interface Definitions {
  /** The table as the upgrade left it; absent where it has dropped it. */
  readonly after?: string
  /** The columns of the key as the upgrade left them, in the order of the key. */
  readonly keyAfter?: readonly string[]
  /** The column as the upgrade left it, where it has one. */
  readonly columnAfter?: string
  /** True if the upgrade changed values of the key: `b0` … have those before it, `k0` … those after. */
  readonly movedKey?: boolean
  /** The column before the upgrade. */
  readonly column?: { readonly notNull: boolean; readonly default: string | null }
  /** The columns of a whole table that store values, in their order. */
  readonly columns?: readonly string[]
  /** The last value of AUTOINCREMENT. */
  readonly sequence?: number
  /** Indexes and triggers that the upgrade dropped. */
  readonly objects?: readonly Pick<CatalogObject, 'type' | 'name' | 'sql'>[]
}

/** Columns of the table of an entry: the parts of the key after the upgrade, those before it, the old and the new value. */
export const keptColumns = {
  key: (at: number): string => `k${String(at)}`,
  before: (at: number): string => `b${String(at)}`,
  old: 'old',
  new: 'new',
} as const
