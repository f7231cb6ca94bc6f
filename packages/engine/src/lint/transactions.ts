import { savepointIn, transactionEffects } from '../sql/text'

/** A transaction that the statements of a step begin themselves. */
export interface OwnTransaction {
  /** The position of the text that begins it. */
  readonly begin: number
  /** That of the text that ends it; undefined if none does. */
  readonly end: number | undefined
}

/**
 * The transactions that statements begin, in order, if they run outside one.
 *
 * @param savepoints whether SAVEPOINT begins a transaction, as in SQLite: https://sqlite.org/lang_savepoint.html
 */
export function ownTransactions(statements: readonly string[], savepoints: boolean): readonly OwnTransaction[] {
  const found: OwnTransaction[] = []
  let open: { readonly begin: number; readonly savepoint?: string } | undefined
  for (const [index, sql] of statements.entries()) {
    for (const effect of transactionEffects(sql)) {
      if (effect === 'begin') open ??= { begin: index }
      else if (open !== undefined) {
        found.push({ begin: open.begin, end: index })
        open = undefined
      }
    }
    const savepoint = savepoints ? savepointIn(sql) : undefined
    if (savepoint?.kind === 'savepoint') open ??= { begin: index, savepoint: savepoint.name }
    else if (savepoint !== undefined && open?.savepoint === savepoint.name) {
      found.push({ begin: open.begin, end: index })
      open = undefined
    }
  }
  return open === undefined ? found : [...found, { begin: open.begin, end: undefined }]
}

/** Whether a text is between the begin and the end of such a transaction. */
export function isInside(transactions: readonly OwnTransaction[], index: number): boolean {
  return transactions.some(({ begin, end = Infinity }) => begin < index && index < end)
}
