import type { Queryable } from '../../queryable'

/** Settings on which printed values depend. What is printed under them reads back as it was. */
const exactSettings: Readonly<Record<string, string>> = {
  TimeZone: 'UTC',
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  extra_float_digits: '1',
  bytea_output: 'hex',
}

/** Objects then print with their schema. */
const printSettings: Readonly<Record<string, string>> = { search_path: 'pg_catalog', quote_all_identifiers: 'off' }

/** Does something while texts of values are independent of the session. Checks and indexes find their functions as ever. */
export function exactly<Result>(database: Queryable, work: () => Promise<Result>): Promise<Result> {
  return withSettings(database, exactSettings, work)
}

/** Does something while the catalog prints the same for every session. */
export function printing<Result>(database: Queryable, work: () => Promise<Result>): Promise<Result> {
  return withSettings(database, { ...exactSettings, ...printSettings }, work)
}

/** After a failure the transaction is rolled back, and the settings with it. */
async function withSettings<Result>(
  database: Queryable,
  settings: Readonly<Record<string, string>>,
  work: () => Promise<Result>,
): Promise<Result> {
  const names = Object.keys(settings)
  const [before = {}] = (await database.query(
    `SELECT ${names.map((name, index) => `pg_catalog.current_setting('${name}') AS s${String(index)}`).join(', ')}`,
  )) as Record<string, string>[]
  const set = async (values: readonly string[]): Promise<void> => {
    await database.query(
      `SELECT ${names.map((name, index) => `pg_catalog.set_config('${name}', $${String(index + 1)}, true)`).join(', ')}`,
      [...values],
    )
  }
  await set(Object.values(settings))
  const result = await work()
  await set(names.map((_, index) => before[`s${String(index)}`] ?? ''))
  return result
}
