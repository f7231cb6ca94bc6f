import type { KeptEntry } from '../../roles/keeping'
import type { Property } from './definitions'
import type { Position } from './sequences'

/** What `definitions` of an entry of a table, a column or a sequence has. */
export interface DropDefinitions {
  /** Of all that one statement has dropped; its first entry has them. */
  readonly objects?: readonly Definition[]
  readonly properties?: readonly Property[]
  readonly positions?: readonly Position[]
  /** Of a table: the root of its partitions, if it is one of them. */
  readonly root?: { readonly schema: string; readonly name: string } | null
  /** Of a column. */
  readonly column?: ColumnDefinition
}

/** An object that was dropped with something else. */
export interface Definition {
  readonly type: string
  readonly identity: string
  readonly sql: string
}

export interface ColumnDefinition {
  readonly type: string
  readonly notNull: boolean
  readonly default: string | null
  /** Values that the server gives: an identity, or the next number of a sequence. */
  readonly numbered: boolean
}

export function definitionsOf(entry: KeptEntry): DropDefinitions {
  return entry.definitions
}
