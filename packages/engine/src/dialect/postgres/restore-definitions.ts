import type { Queryable } from '../queryable'
import { pathOf } from './backup-catalog'
import type { TableDefinition } from './backup-definitions'
import { text } from './literal'
import { quote } from './names'

/*
 * The statements that create tables again from the definitions of their copy. Names in definitions are complete. They run in three
 * parts: what rows need, what is faster after the rows, and what refers to other tables.
 */

/** Types, sequences and tables without constraints; partitions. Types and sequences may still be there. */
export async function beforeRows(database: Queryable, tables: readonly TableDefinition[]): Promise<readonly string[]> {
  const enums = new Map(tables.flatMap((table) => table.enums.map(({ path, values }) => [path, values] as const)))
  const types: string[] = []
  for (const [path, values] of enums) {
    if (!(await exists(database, 'to_regtype', path)))
      types.push(`CREATE TYPE ${path} AS ENUM (${values.map(text).join(', ')})`)
  }
  const sequences: string[] = []
  for (const { path } of tables.flatMap(ownSequences)) {
    if (!(await exists(database, 'to_regclass', path))) sequences.push(`CREATE SEQUENCE ${path}`)
  }
  return [...types, ...sequences, ...tables.flatMap(createTable)]
}

async function exists(database: Queryable, ask: 'to_regtype' | 'to_regclass', path: string): Promise<boolean> {
  const [row] = (await database.query(`SELECT ${ask}($1) IS NOT NULL AS there`, [path])) as { there: boolean }[]
  return row?.there === true
}

/** Those of serial columns; those of identity columns come with the column. */
function ownSequences({ columns, sequences }: TableDefinition): TableDefinition['sequences'] {
  const identities = new Set(columns.flatMap(({ name, identity }) => (identity === null ? [] : [name])))
  return sequences.filter(({ column }) => !identities.has(column))
}

function createTable(table: TableDefinition): readonly string[] {
  const columns = table.columns.map(columnDefinition).join(', ')
  const partitioned = table.partitionKey === null ? '' : ` PARTITION BY ${table.partitionKey}`
  const storage =
    (table.options ?? []).length === 0 ? '' : ` WITH (${(table.options ?? []).map(storageParameter).join(', ')})`
  return [
    `CREATE ${table.isUnlogged ? 'UNLOGGED ' : ''}TABLE ${pathOf(table)} (${columns})${partitioned}${storage}`,
    ...table.partitions.map(
      ({ path, parent, bound, partitionKey }) =>
        `CREATE TABLE ${path} PARTITION OF ${parent} ${bound}${partitionKey === null ? '' : ` PARTITION BY ${partitionKey}`}`,
    ),
  ]
}

function storageParameter(option: string): string {
  const [, name = '', value = ''] = /^([^=]*)=(.*)$/s.exec(option) ?? []
  return `${name} = ${text(value)}`
}

type Column = TableDefinition['columns'][number]

function columnDefinition({ name, type, collation, notNull, default: value, generated, identity }: Column): string {
  return [
    `${quote(name)} ${type}`,
    ...(collation === null ? [] : [`COLLATE ${collation}`]),
    ...(generated === null ? [] : [`GENERATED ALWAYS AS (${value ?? ''}) ${generated.toUpperCase()}`]),
    ...(identity === null ? [] : [`GENERATED ${identity.toUpperCase()} AS IDENTITY`]),
    ...(generated === null && identity === null && value !== null ? [`DEFAULT ${value}`] : []),
    ...(notNull ? ['NOT NULL'] : []),
  ].join(' ')
}

/** Keys, checks, indexes, parents, and all that is not about rows. */
export function afterRows(tables: readonly TableDefinition[]): readonly string[] {
  return tables.flatMap((table) => {
    const path = pathOf(table)
    const [parent] = table.inherits
    return [
      ...ownSequences(table).map(
        ({ path: sequence, column }) => `ALTER SEQUENCE ${sequence} OWNED BY ${path}.${quote(column)}`,
      ),
      ...table.sequences.flatMap(({ column, lastValue }) =>
        lastValue === null
          ? []
          : [
              `SELECT pg_catalog.setval(pg_catalog.pg_get_serial_sequence(${text(path)}, ${text(column)}), ${lastValue})`,
            ],
      ),
      ...table.constraints
        .filter(({ definition }) => !isForeignKey(definition))
        .map(({ name, definition }) => addConstraint(path, name, definition)),
      ...(table.partitionBound === null
        ? table.inherits.map((one) => `ALTER TABLE ${path} INHERIT ${one}`)
        : [`ALTER TABLE ${parent ?? ''} ATTACH PARTITION ${path} ${table.partitionBound}`]),
      ...table.indexes.map(({ definition }) => definition),
      ...comments(table),
      ...table.policies.map(({ definition }) => definition),
      ...rowSecurity(table),
      ...table.triggers.map(({ definition }) => definition),
    ]
  })
}

function isForeignKey(definition: string): boolean {
  return definition.startsWith('FOREIGN KEY ')
}

function addConstraint(path: string, name: string, definition: string): string {
  return `ALTER TABLE ${path} ADD CONSTRAINT ${quote(name)} ${definition}`
}

function comments(table: TableDefinition): readonly string[] {
  const path = pathOf(table)
  return [
    ...(table.comment === null ? [] : [`COMMENT ON TABLE ${path} IS ${text(table.comment)}`]),
    ...table.columns.flatMap(({ name, comment }) =>
      comment === null ? [] : [`COMMENT ON COLUMN ${path}.${quote(name)} IS ${text(comment)}`],
    ),
  ]
}

function rowSecurity(table: TableDefinition): readonly string[] {
  const path = pathOf(table)
  return [
    ...(table.rowSecurity === 'off' ? [] : [`ALTER TABLE ${path} ENABLE ROW LEVEL SECURITY`]),
    ...(table.rowSecurity === 'forced' ? [`ALTER TABLE ${path} FORCE ROW LEVEL SECURITY`] : []),
  ]
}

/** The foreign keys from and to created tables, and their owners and rights. */
export async function foreignKeysOf(
  database: Queryable,
  tables: readonly TableDefinition[],
): Promise<readonly string[]> {
  const statements: string[] = []
  const wanted = new Map<string, string>()
  for (const table of tables) {
    for (const { name, definition } of table.constraints.filter((one) => isForeignKey(one.definition)))
      wanted.set(JSON.stringify([pathOf(table), name]), addConstraint(pathOf(table), name, definition))
    for (const { table: path, name, definition } of table.referencedBy) {
      if (await isAddable(database, path, name))
        wanted.set(JSON.stringify([path, name]), addConstraint(path, name, definition))
    }
  }
  statements.push(...wanted.values())
  for (const table of tables) statements.push(...(await rights(database, table)))
  return statements
}

/** False if the table is gone, or has the constraint. */
async function isAddable(database: Queryable, path: string, name: string): Promise<boolean> {
  const [row] = (await database.query(
    `SELECT to_regclass($1) IS NOT NULL AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint WHERE conrelid = to_regclass($1) AND conname = $2) AS addable`,
    [path, name],
  )) as { addable: boolean }[]
  return row?.addable === true
}

/** Of roles that exist. The owner is last: who is not a superuser has no rights afterwards. */
async function rights(database: Queryable, table: TableDefinition): Promise<readonly string[]> {
  const path = pathOf(table)
  const owners = (await database.query(
    `SELECT rolname::text AS name FROM pg_catalog.pg_roles WHERE rolname = $1 AND pg_has_role(oid, 'USAGE') AND rolname <> current_user`,
    [table.owner],
  )) as { name: string }[]
  const entries = (table.acl ?? []).flatMap((entry) => {
    const [, grantee = '', given = ''] = /^("(?:[^"]|"")*"|[^=]*)=([^/]*)\//s.exec(entry) ?? []
    const role = grantee.startsWith('"') ? grantee.slice(1, -1).replaceAll('""', '"') : grantee
    return [{ role, given }]
  })
  const known = (await database.query(
    'SELECT rolname::text AS name FROM pg_catalog.pg_roles WHERE rolname = ANY ($1)',
    [entries.map(({ role }) => role)],
  )) as { name: string }[]
  const names = new Set(known.map(({ name }) => name))
  return [
    ...entries
      .filter(({ role }) => role === '' || names.has(role))
      .flatMap(({ role, given }) =>
        [...given.matchAll(/([a-zA-Z])(\*?)/g)].flatMap(([, letter = '', option = '']) => {
          const right = tableRights[letter]
          if (right === undefined) return []
          return [
            `GRANT ${right} ON ${path} TO ${role === '' ? 'PUBLIC' : quote(role)}${option === '' ? '' : ' WITH GRANT OPTION'}`,
          ]
        }),
      ),
    ...owners.map(({ name }) => `ALTER TABLE ${path} OWNER TO ${quote(name)}`),
  ]
}

/** https://www.postgresql.org/docs/current/ddl-priv.html */
const tableRights: Readonly<Record<string, string>> = {
  r: 'SELECT',
  a: 'INSERT',
  w: 'UPDATE',
  d: 'DELETE',
  D: 'TRUNCATE',
  x: 'REFERENCES',
  t: 'TRIGGER',
}
