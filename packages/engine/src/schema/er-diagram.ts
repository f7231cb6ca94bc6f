import { mermaidLabel } from '../text'
import type { ColumnDocument, ForeignKeyDocument, SchemaObjects, TableDocument } from './document'

/**
 * A Mermaid entity-relationship diagram of tables, with their columns, keys and foreign keys.
 *
 * Mermaid accepts only some characters in the name and the type of a column: others become `_`, and the name is written beside it
 * (https://mermaid.js.org/syntax/entityRelationshipDiagram.html).
 *
 * @example
 * const text = erDiagram(await migrator.schema())
 */
export function erDiagram({ tables }: Pick<SchemaObjects, 'tables'>): string {
  const shown = new Set(tables.map(({ name }) => name))
  return [
    'erDiagram',
    ...tables.flatMap(entity),
    ...tables.flatMap((table) =>
      table.foreignKeys.filter((key) => shown.has(key.table)).map((key) => relationship(table, key)),
    ),
    '',
  ].join('\n')
}

function entity(table: TableDocument): readonly string[] {
  if (table.columns.length === 0) return [`  ${label(table.name)}`]
  return [`  ${label(table.name)} {`, ...table.columns.map((column) => `    ${attribute(table, column)}`), '  }']
}

/** `character_varying(50) name UK "not null"` */
function attribute(table: TableDocument, column: ColumnDocument): string {
  const isAlone = ({ columns }: { readonly columns: readonly string[] }): boolean =>
    columns.length === 1 && columns[0] === column.name
  const keys = [
    ...(table.primaryKey?.columns.includes(column.name) === true ? ['PK'] : []),
    ...(table.foreignKeys.some(({ columns }) => columns.includes(column.name)) ? ['FK'] : []),
    ...(table.uniques.some(isAlone) ? ['UK'] : []),
  ]
  const [type, name] = [word(column.type, '()[]'), word(column.name)]
  const remarks = [
    ...(name === column.name ? [] : [column.name]),
    ...(type === column.type.replaceAll(' ', '_') ? [] : [column.type]),
    ...(column.nullable || table.primaryKey?.columns.includes(column.name) === true ? [] : ['not null']),
  ]
  return [
    type,
    name,
    ...(keys.length === 0 ? [] : [keys.join(', ')]),
    ...(remarks.length === 0 ? [] : [label(remarks.join(', '))]),
  ].join(' ')
}

/** `"teams" |o--o{ "users" : "team_id"`: users need not have a team, and a team has any number of them. */
function relationship(table: TableDocument, { columns, table: parent }: ForeignKeyDocument): string {
  const isOptional = columns.some((name) => table.columns.find((column) => column.name === name)?.nullable === true)
  const keys = [...(table.primaryKey === null ? [] : [table.primaryKey]), ...table.uniques]
  const isOne = keys.some((key) => key.columns.every((name) => columns.includes(name)))
  const ends = `${isOptional ? '|o' : '||'}--${isOne ? 'o|' : 'o{'}`
  return `  ${label(parent)} ${ends} ${label(table.name)} : ${label(columns.join(', '))}`
}

/** A text in quotes, on one line. */
function label(text: string): string {
  const line = text.replace(/[\s\p{Cc}\p{Cs}\u2028\u2029\ufffe\uffff]+/gu, ' ').trim()
  // Within a word, an underscore is no Markdown.
  const escaped = mermaidLabel(line === '' ? '_' : line).replace(/(?<=[\p{L}\p{N}])#95;(?=[\p{L}\p{N}])/gu, '_')
  return `"${escaped}"`
}

/** @param also further characters that are allowed */
function word(text: string, also = ''): string {
  // Letters below U+00C0 and beyond the first plane are not among those that Mermaid knows.
  const clean = [...text]
    .map((character) =>
      /[A-Za-z0-9_]|(?![\u0080-\u00bf\u{10000}-\u{10ffff}])[\p{L}\p{N}]/u.test(character) || also.includes(character)
        ? character
        : '_',
    )
    .join('')
  // It must begin with a letter, and the names of keys are keywords.
  return /^[^\p{L}_]|^(?:pk|fk|uk)(?![\p{L}\p{N}_])|^$/iu.test(clean) ? `_${clean}` : clean
}
