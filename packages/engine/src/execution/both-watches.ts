import type { StatementWatch } from '../dialect/roles/running'

/**
 * Watches statements for two purposes: the first one sees each statement first. Only one of them may change a statement.
 */
export function bothWatches(
  first: StatementWatch | undefined,
  second: StatementWatch | undefined,
): StatementWatch | undefined {
  if (first === undefined || second === undefined) return first ?? second
  return {
    before: (sql) => inTurn(first.before(sql), () => second.before(sql)),
    instead: (sql) => first.instead?.(sql) ?? second.instead?.(sql),
    after: (sql) => inTurn(first.after?.(sql), () => second.after?.(sql)),
    failed: (sql) => inTurn(first.failed?.(sql), () => second.failed?.(sql)),
    explain: (sql, error) => first.explain?.(sql, error) ?? second.explain?.(sql, error),
    finish: async () => {
      await first.finish()
      await second.finish()
    },
  }
}

/** Waits only if there is something to wait for: statements that are not awaited keep their order. */
function inTurn(one: Promise<void> | undefined, next: () => Promise<void> | undefined): Promise<void> | undefined {
  return one === undefined ? next() : one.then(next)
}
