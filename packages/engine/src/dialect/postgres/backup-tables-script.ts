import type { CopiedDefinition, Definitions, TableDefinition } from './backup-definitions'
import { pathOf } from './backup-catalog'
import { text } from './literal'
import { quote, quoteList } from './names'

/**
 * A script for `psql`, started in the folder of the copy, that creates the tables again with their rows: for people, and as the
 * definition in words that every PostgreSQL understands.
 */
export function scriptOf({ encoding, tables }: Definitions): string {
  const enums = new Map(tables.flatMap((table) => table.enums.map(({ path, values }) => [path, values] as const)))
  return [
    '-- Tables that a run of Aludel was about to destroy or rewrite, as they were before.',
    '-- This is no copy of the whole database. Run it in this folder, statement by statement as needed: psql -f tables.sql',
    "SET search_path = '';",
    // A drop of the table has left them.
    ...[...enums].map(([path, values]) => comment(`CREATE TYPE ${path} AS ENUM (${values.map(text).join(', ')});`)),
    ...tables.flatMap((table) => ['', ...tableStatements(table), copyCommand(table, encoding)]),
    '',
    ...tables.flatMap(ownStatements),
    // A foreign key needs the key of its table, and is also known to the table that it leads to.
    ...new Set(tables.flatMap(foreignKeys)),
    ...tables.flatMap(({ policies, triggers }) => [...policies, ...triggers].map(({ definition }) => `${definition};`)),
    '',
  ].join('\n')
}

function tableStatements(table: TableDefinition): string[] {
  const path = pathOf(table)
  const columns = table.columns.map((column) => `  ${columnDefinition(column)}`)
  const end = table.kind === 'partitioned' ? ` PARTITION BY ${table.partitionKey ?? ''}` : ''
  return [
    ...ownSequences(table).map(({ path: sequence }) => `CREATE SEQUENCE ${sequence};`),
    `CREATE ${table.isUnlogged ? 'UNLOGGED ' : ''}TABLE ${path} (\n${columns.join(',\n')}\n)${end};`,
    ...table.partitions.map(
      (partition) =>
        `CREATE TABLE ${partition.path} PARTITION OF ${partition.parent} ${partition.bound}` +
        `${partition.partitionKey === null ? '' : ` PARTITION BY ${partition.partitionKey}`};`,
    ),
    ...(table.comment === null ? [] : [`COMMENT ON TABLE ${path} IS ${text(table.comment)};`]),
  ]
}

/** Those of serial columns; those of identity columns come with the column. */
function ownSequences({ columns, sequences }: TableDefinition): TableDefinition['sequences'] {
  const identities = new Set(columns.flatMap(({ name, identity }) => (identity === null ? [] : [name])))
  return sequences.filter(({ column }) => !identities.has(column))
}

/** In one line: what follows a line feed would be a statement. */
function comment(statement: string): string {
  return `-- ${statement.replaceAll(/[\r\n]+/g, ' ')}`
}

type Column = TableDefinition['columns'][number]

function columnDefinition({ name, type, collation, notNull, default: value, generated, identity }: Column): string {
  const parts = [`${quote(name)} ${type}`]
  if (collation !== null) parts.push(`COLLATE ${collation}`)
  if (generated !== null) parts.push(`GENERATED ALWAYS AS (${value ?? ''}) ${generated.toUpperCase()}`)
  else if (identity !== null) parts.push(`GENERATED ${identity.toUpperCase()} AS IDENTITY`)
  else if (value !== null) parts.push(`DEFAULT ${value}`)
  if (notNull) parts.push('NOT NULL')
  return parts.join(' ')
}

/** A command of psql is one line, and cannot contain a line feed: such a name needs COPY … FROM by another program. */
function copyCommand(table: CopiedDefinition, encoding: string): string {
  const command = `\\copy ${pathOf(table)} (${quoteList(table.copied)}) FROM ${text(table.file)} (ENCODING ${text(encoding)})`
  return /[\r\n]/.test(command) ? `-- the rows of the table before are in ${table.file}` : command
}

/** What would slow down the rows, without what refers to other tables. */
function ownStatements(table: TableDefinition): string[] {
  const path = pathOf(table)
  const [parent] = table.inherits
  return [
    ...ownSequences(table).map(
      ({ path: sequence, column }) => `ALTER SEQUENCE ${sequence} OWNED BY ${path}.${quote(column)};`,
    ),
    ...table.sequences.flatMap(({ column, lastValue }) =>
      lastValue === null
        ? []
        : [`SELECT pg_catalog.setval(pg_get_serial_sequence(${text(path)}, ${text(column)}), ${lastValue});`],
    ),
    ...table.constraints.filter((one) => !isForeignKey(one)).map((one) => addConstraint(path, one)),
    ...(table.partitionBound === null
      ? table.inherits.map((one) => `ALTER TABLE ${path} INHERIT ${one};`)
      : [`ALTER TABLE ${parent ?? ''} ATTACH PARTITION ${path} ${table.partitionBound};`]),
    ...table.indexes.map(({ definition }) => `${definition};`),
  ]
}

function foreignKeys(table: TableDefinition): string[] {
  return [
    ...table.constraints.filter(isForeignKey).map((one) => addConstraint(pathOf(table), one)),
    ...table.referencedBy.map((one) => addConstraint(one.table, one)),
  ]
}

type Constraint = TableDefinition['constraints'][number]

function isForeignKey({ definition }: Constraint): boolean {
  return definition.startsWith('FOREIGN KEY')
}

function addConstraint(path: string, { name, definition }: Constraint): string {
  return `ALTER TABLE ${path} ADD CONSTRAINT ${quote(name)} ${definition};`
}
