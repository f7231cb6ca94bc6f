import { AludelError } from '../../errors'
import type { BatchRole, BatchUpdate, KeyColumn } from '../roles/batches'
import type { Queryable } from '../queryable'
import { text } from './literal'
import { parsePath, quote, quoteName } from './names'

interface Found {
  readonly exists: boolean
  readonly columns: readonly { readonly name: string; readonly type: string; readonly required: boolean }[] | null
  readonly keys: readonly (readonly string[])[] | null
}

/** How PostgreSQL updates a table in batches. */
export const batches: BatchRole = {
  // Each statement sees what is committed, and an UPDATE that has waited for a row checks its condition again:
  // https://www.postgresql.org/docs/current/transaction-iso.html#XACT-READ-COMMITTED
  begin: 'BEGIN ISOLATION LEVEL READ COMMITTED',
  lockRows: ' FOR UPDATE',

  keyColumns,
  // As JSON writes it, independent of DateStyle: other sessions read the cursor too.
  exact: ({ sql }) => `to_jsonb(${sql}) #>> '{}'`,
  parameter: ({ type }, exact, placeholder) => ({ sql: `CAST(${placeholder} AS ${type})`, value: exact }),
  literal: ({ type }, exact) => `CAST(${text(exact)} AS ${type})`,
  update,
}

async function keyColumns(database: Queryable, table: string, key: readonly string[]): Promise<readonly KeyColumn[]> {
  const [found] = (await database.query(
    `SELECT t.oid IS NOT NULL AS exists,
       (SELECT json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
          'required', a.attnotnull))
        FROM pg_catalog.pg_attribute a WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
       (SELECT json_agg((SELECT json_agg(coalesce(a.attname, ''))
          FROM generate_series(0, i.indnkeyatts - 1) AS n
          LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[n]))
        FROM pg_catalog.pg_index i
        WHERE i.indrelid = t.oid AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL) AS keys
     FROM (SELECT to_regclass($1)::oid) AS t (oid)`,
    [quoteName(parsePath(table))],
  )) as Found[]
  const fail = (problem: string, help: string): AludelError =>
    new AludelError('ALUDEL_BATCHED', problem, { help, details: { table, key } })
  if (found?.exists !== true) throw fail(`there is no table "${table}" to update in batches`, 'Check its name.')
  const wanted = [...key].sort().join('\0')
  const columns = key.map((name) => {
    const column = found.columns?.find((one) => one.name === name)
    if (column === undefined) throw fail(`"${table}" has no column "${name}"`, 'Check the key of the batches.')
    if (!column.required) throw fail(`"${table}"."${name}" may be null`, 'The columns of the key must be NOT NULL.')
    return { name, sql: quote(name), type: column.type }
  })
  if (found.keys?.some((one) => [...one].sort().join('\0') === wanted) !== true) {
    throw fail(
      `no unique index of "${table}" has exactly the columns ${key.join(', ')}`,
      'Batches need a key that no two rows share: the primary key, or a unique index over just these columns.',
    )
  }
  return columns
}

/** RETURNING sees the updated rows of this statement only: rows that others add meanwhile are not counted. */
async function update(
  database: Queryable,
  { table, set, condition, where, parameters }: BatchUpdate,
): Promise<{ changed: number; still: number | null }> {
  const still = where === undefined ? 'false' : `coalesce((${where}\n), false)`
  const [row] = (await database.query(
    `WITH "aludel_changed" AS (UPDATE ${table} SET ${set} WHERE ${condition} RETURNING ${still} AS "still") ` +
      `SELECT count(*)::integer AS changed, count(*) FILTER (WHERE "still")::integer AS still FROM "aludel_changed"`,
    [...parameters],
  )) as { changed: number; still: number }[]
  return { changed: row?.changed ?? 0, still: row?.still ?? 0 }
}
