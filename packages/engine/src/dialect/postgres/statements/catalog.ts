import type { Queryable } from '../../queryable'
import type { WrittenName } from '../../../sql/reader'
import type { Probe } from '../../roles/statements'
import { quoteName } from '../names'

type Rows = readonly Record<string, unknown>[]

async function any(database: Queryable, from: string, parameters: unknown[]): Promise<boolean> {
  return ((await database.query(`SELECT 1 AS one FROM pg_catalog.${from} LIMIT 1`, parameters)) as Rows).length > 0
}

/** Queries whether objects exist. Names without a schema are looked up along the search path, as in a statement. */
export const exists = {
  /** @param quoted `"schema"."name"` */
  relation: (database: Queryable, quoted: string): Promise<boolean> =>
    any(database, 'pg_class WHERE oid = to_regclass($1)', [quoted]),

  type: (database: Queryable, name: WrittenName): Promise<boolean> =>
    any(database, 'pg_type WHERE oid = to_regtype($1)', [quoteName(name)]),

  /** @param table a catalog. It and `column` are inserted unquoted, so they must be constants of this program */
  named: (database: Queryable, table: string, column: string, name: string): Promise<boolean> =>
    any(database, `${table} WHERE ${column} = $1`, [name]),

  trigger: (database: Queryable, trigger: string, table: WrittenName): Promise<boolean> =>
    any(database, 'pg_trigger WHERE tgname = $1 AND tgrelid = to_regclass($2)', [trigger, quoteName(table)]),

  routine: (database: Queryable, { schema, name }: WrittenName): Promise<boolean> =>
    schema === undefined
      ? any(database, 'pg_proc WHERE proname = $1 AND pg_function_is_visible(oid)', [name])
      : any(database, 'pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE proname = $1 AND nspname = $2', [name, schema]), // prettier-ignore

  column: (database: Queryable, table: WrittenName, column: string): Promise<boolean> =>
    any(database, 'pg_attribute WHERE attrelid = to_regclass($1) AND attname = $2 AND NOT attisdropped', [
      quoteName(table),
      column,
    ]),

  constraint: (database: Queryable, table: WrittenName, constraint: string): Promise<boolean> =>
    any(database, 'pg_constraint WHERE conrelid = to_regclass($1) AND conname = $2', [quoteName(table), constraint]),

  enumValue: (database: Queryable, type: WrittenName, value: string): Promise<boolean> =>
    any(database, 'pg_enum WHERE enumtypid = to_regtype($1) AND enumlabel = $2', [quoteName(type), value]),

  partition: async (
    database: Queryable,
    parent: WrittenName,
    partition: WrittenName,
  ): Promise<'attached' | 'detaching' | 'none'> => {
    // By way of JSON, because the column is new in PostgreSQL 14.
    const [row] = (await database.query(
      `SELECT to_jsonb(i) ->> 'inhdetachpending' AS pending FROM pg_catalog.pg_inherits i
       WHERE inhrelid = to_regclass($1) AND inhparent = to_regclass($2)`,
      [quoteName(partition), quoteName(parent)],
    )) as { pending: string | null }[]
    if (row === undefined) return 'none'
    return row.pending === 'true' ? 'detaching' : 'attached'
  },

  /** An index is in the schema of its table. */
  index: async (database: Queryable, index: string, table: WrittenName): Promise<'valid' | 'invalid' | 'none'> => {
    const [row] = (await database.query(
      `SELECT i.indisvalid AS valid FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
       WHERE i.indrelid = to_regclass($1) AND c.relname = $2`,
      [quoteName(table), index],
    )) as { valid: boolean }[]
    if (row === undefined) return 'none'
    return row.valid ? 'valid' : 'invalid'
  },
}

export function doneWhen(condition: boolean): Probe {
  return condition ? 'done' : 'not done'
}

/** Whether a rename is done: where both names or neither exist, another session has changed them. */
export function oneOfTwo(before: boolean, after: boolean): Probe {
  if (before === after) return 'unknown'
  return after ? 'done' : 'not done'
}
