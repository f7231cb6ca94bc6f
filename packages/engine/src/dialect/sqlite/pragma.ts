import type { Queryable } from '../queryable'

/**
 * Sets a pragma with a number as value.
 *
 * @param next the new value, from the current one
 * @returns a function that restores the current value; it never throws
 */
export async function changePragma(
  database: Queryable,
  pragma: string,
  next: (value: number) => number,
): Promise<() => Promise<void>> {
  const [row] = (await database.query(`PRAGMA ${pragma}`)) as Record<string, number>[]
  const value = Object.values(row ?? {})[0] ?? 0
  const set = (to: number): Promise<unknown> => database.query(`PRAGMA ${pragma} = ${String(to)}`)
  if (next(value) !== value) await set(next(value))
  return async () => {
    // Always, because statements in between may have changed it.
    await set(value).catch(() => undefined)
  }
}
