import type { Token } from '../../sql/sqlite/tokens'
import type { SqliteCatalog } from './catalog'

/** Applies a statement to what is known. Whatever it does not know leaves the catalog as it is. */
export function learn(catalog: SqliteCatalog, tokens: readonly Token[]): void {
  void catalog
  void tokens
}
