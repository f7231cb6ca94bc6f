import type { ColumnDocument, SchemaDocument, TableDocument } from '@aludel/engine'

import { bytes, grouped, printable } from './format'
import type { Colors } from './output'
import { columns, cut, displayWidth } from './table'

/** A default is not cut to less than that many cells. */
const narrowest = 12

/** The share of the width that the names of columns take at most; a longer name has a line of its own. */
const longestShare = 0.35

/**
 * Tables with their columns, keys and indexes, then views, types and sequences.
 *
 * @param width of the terminal, to which defaults are cut; null: nothing is cut
 */
export function schemaLines(document: SchemaDocument, colors: Colors, width: number | null): string[] {
  const { tables, views, enums, sequences } = document
  const rest = [
    ...views.map(({ name, materialized }) => `${materialized ? 'materialized view' : 'view'} ${named(name, colors)}`),
    ...enums.map(({ name, values }) => `enum ${named(name, colors)}: ${values.map(printable).join(', ')}`),
    ...sequences.map(({ name }) => `sequence ${named(name, colors)}`),
  ]
  const parts = [...tables.map((table) => tableLines(table, colors, width)), rest].filter((lines) => lines.length > 0)
  return parts.flatMap((lines, at) => (at === 0 ? lines : ['', ...lines]))
}

function named(name: string, colors: Colors): string {
  return colors.bold(printable(name))
}

function tableLines(table: TableDocument, colors: Colors, width: number | null): string[] {
  const { name, rows, bytes: size, comment, partitionBy } = table
  const sizes = [
    ...(rows == null ? [] : [`~${grouped(rows)} ${rows === 1 ? 'row' : 'rows'}`]),
    ...(size == null ? [] : [bytes(size)]),
  ].join(', ')
  return [
    named(name, colors) + (sizes === '' ? '' : `  ${colors.dim(sizes)}`),
    ...(comment === undefined ? [] : [`  ${colors.dim(printable(comment))}`]),
    ...columnLines(table, colors, width),
    ...[...keyLines(table), ...(partitionBy === undefined ? [] : [`partition by ${printable(partitionBy)}`])].map(
      (line) => `  ${line}`,
    ),
  ]
}

function columnLines(table: TableDocument, colors: Colors, width: number | null): string[] {
  const cells = table.columns.map((column) => [
    printable(column.name),
    printable(column.type),
    column.nullable ? '' : 'not null',
    printable(remarkOf(column)),
  ])
  const longest = width === null ? Infinity : Math.floor(width * longestShare)
  const isLong = (name: string): boolean => displayWidth(name) > longest
  const widest = (at: number): number =>
    Math.max(0, ...cells.map((row) => displayWidth(row[at] ?? '')).filter((cell) => at > 0 || cell <= longest))
  const taken = [0, 1, 2].map(widest).reduce((sum, one) => sum + (one === 0 ? 0 : one + 2), 2)
  const room = width === null ? Infinity : Math.max(width - taken, narrowest)
  const dim = (text: string): string => (text === '' ? '' : colors.dim(text))
  const rows = cells.map(([name = '', type = '', notNull = '', remark = '']) => [
    isLong(name) ? '' : name,
    type,
    dim(notNull),
    dim(cut(remark, room)),
  ])
  return columns(rows).flatMap((line, at) => {
    const name = cells[at]?.[0] ?? ''
    return [...(isLong(name) ? [`  ${name}`] : []), `  ${line}`]
  })
}

/** `default 0`, `identity always`, `generated upper(name)`; and the comment. */
function remarkOf({ default: value, identity, generated, comment }: ColumnDocument): string {
  const remarks = [
    ...(identity === undefined ? [] : [identity === 'autoincrement' ? identity : `identity ${identity}`]),
    ...(generated === undefined ? [] : [`generated ${generated}`]),
    ...(value === undefined ? [] : [`default ${value}`]),
  ].join(', ')
  return [remarks, ...(comment === undefined ? [] : [`-- ${comment}`])].filter((part) => part !== '').join(' ')
}

/** One line for each key, check, index and trigger: `foreign key (team_id) references teams (id) on delete cascade`. */
function keyLines(table: TableDocument): string[] {
  const { primaryKey, uniques, foreignKeys, checks, exclusions = [], indexes, triggers = [] } = table
  const called = (name: string | null): string => (name === null ? '' : ` ${name}`)
  const list = (names: readonly string[]): string => `(${names.join(', ')})`
  return [
    ...(primaryKey === null ? [] : [`primary key ${list(primaryKey.columns)}`]),
    ...uniques.map(({ name, columns: of }) => `unique${called(name)} ${list(of)}`),
    ...foreignKeys.map(({ name, columns: of, table: parent, references, onDelete, onUpdate }) =>
      [
        `foreign key${called(name)} ${list(of)} references ${parent} ${list(references)}`,
        ...(onDelete === undefined ? [] : [`on delete ${onDelete.toLowerCase()}`]),
        ...(onUpdate === undefined ? [] : [`on update ${onUpdate.toLowerCase()}`]),
      ].join(' '),
    ),
    ...checks.map(({ name, expression }) => `check${called(name)} (${expression})`),
    ...exclusions.map(({ name, definition }) => `exclude ${name} ${definition}`),
    ...indexes.map(({ name, columns: of, unique, method, where }) =>
      [
        `${unique ? 'unique index' : 'index'} ${name}${method === undefined ? '' : ` using ${method}`} ${list(of)}`,
        ...(where === undefined ? [] : [`where ${where}`]),
      ].join(' '),
    ),
    ...triggers.map(({ name }) => `trigger ${name}`),
  ].map(printable)
}
