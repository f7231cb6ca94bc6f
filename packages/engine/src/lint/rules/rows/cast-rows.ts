import type { Node } from 'libpg-query' with { 'resolution-mode': 'import' }

import { bodyOf, stringsOf, typeText } from '../../../sql/postgres/nodes'
import { quotedName } from '../../../sql/tokens'
import type { Found } from '../../finding'
import type { Catalog } from '../../postgres/catalog'
import type { EnumType } from '../../postgres/facts'
import { createFlag, isGuarded } from '../../postgres/guard'
import { countRows } from '../../postgres/queries'
import type { PostgresSubject } from '../../postgres/subject'
import { textAfter } from '../../postgres/text'
import { writtenCommands, type WrittenCommand } from '../../postgres/written'
import { defineRule } from '../../rule'

/** https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-SET-DATA-TYPE */
export const castRows = defineRule({
  id: 'F4',
  name: 'cast-rows',
  category: 'rows',
  severity: 'warning',
  about: 'A conversion of text fails at the first row whose text the new type does not accept. Find such rows first.',
  postgres: {
    statement: (subject) =>
      writtenCommands(subject).flatMap((command) =>
        command.subtype === 'AT_AlterColumnType' ? (found(subject, command) ?? []) : [],
      ),
  },
})

function found(subject: PostgresSubject, command: WrittenCommand): Found | undefined {
  const { table, name = '' } = command
  const { catalog, server } = subject
  const definition = bodyOf(command.def, 'ColumnDef')
  const using = definition?.raw_default
  if (using === undefined || catalog.isNew(table)) return undefined
  const cast = castOf(using, name)
  if (cast === undefined) return undefined
  const column = catalog.column(table, name)
  if (column !== undefined && catalog.isHere(column.madeIn) && !column.hasDefault) return undefined
  const from = column?.type
  const to = typeText(cast)
  const values = enumOf(catalog, to)
  // `narrow-type` names the values that another enum does not have.
  if (values !== undefined && from !== undefined && enumOf(catalog, from) !== undefined) return undefined
  if (from !== undefined && !isText(from) && values === undefined) return undefined
  if (values === undefined && !parsed.has(base(to))) return undefined
  return {
    message: `changing ${table.text}.${name} to ${to} fails if a row has a value in it that is not a valid ${to}`,
    help:
      helpFor(command, to, values, server) +
      (subject.step.generated ? ` Or let \`create\` convert them: ${createFlag(subject, 'using', table, name)}.` : ''),
    table: table.text,
    ...(isGuarded(subject, table, name) && { severity: 'info' }),
  }
}

function helpFor(
  { table, name = '', text }: WrittenCommand,
  to: string,
  values: EnumType | undefined,
  server: number,
): string {
  const column = quotedName(name)
  const using = textAfter(text, 'USING') ?? column
  const query =
    values !== undefined
      ? countRows(table, `${column}::text NOT IN (${values.values.map(literal).join(', ')})`)
      : server >= 16
        ? countRows(table, `NOT pg_input_is_valid(${column}, ${literal(to)})`)
        : undefined
  return query === undefined
    ? `Try it on all rows of every database: SELECT count(${using}) FROM ${table.sql} fails at the first such row. Change them in an earlier revision.`
    : `Count such rows in every database: ${query}. Change them in an earlier revision.`
}

/** Types that refuse some texts. */
const parsed = new Set([
  'smallint',
  'integer',
  'bigint',
  'numeric',
  'real',
  'double precision',
  'money',
  'boolean',
  'uuid',
  'date',
  'time',
  'time with time zone',
  'timestamp without time zone',
  'timestamp with time zone',
  'interval',
  'json',
  'jsonb',
  'xml',
  'inet',
  'cidr',
  'macaddr',
  'bytea',
  'point',
  'int4range',
  'int8range',
  'numrange',
  'tsrange',
  'tstzrange',
  'daterange',
])

/** The type without its numbers. */
function base(type: string): string {
  return type.replace(/\(.*?\)/, '')
}

function isText(type: string): boolean {
  return /^(?:text|character varying|character|citext)$/.test(base(type))
}

/** The type to which a column, or something made of it, is cast; undefined for an expression that chooses by the value. */
function castOf(using: Node, column: string) {
  const cast = bodyOf(using, 'TypeCast')
  if (cast === undefined) return undefined
  return isColumn(cast.arg, column) ? cast.typeName : undefined
}

/** The column, `column::text`, `trim(column)` or `nullif(column, '')`. */
function isColumn(node: Node | undefined, column: string): boolean {
  if (stringsOf(bodyOf(node, 'ColumnRef')?.fields).at(-1) === column) return true
  const cast = bodyOf(node, 'TypeCast')
  if (cast !== undefined) return isColumn(cast.arg, column)
  const call = bodyOf(node, 'FuncCall')
  if (/^(?:btrim|ltrim|rtrim|trim|lower|upper)$/.test(stringsOf(call?.funcname).at(-1) ?? ''))
    return isColumn(call?.args?.[0], column)
  const nullif = bodyOf(node, 'A_Expr')
  return nullif?.kind === 'AEXPR_NULLIF' && isColumn(nullif.lexpr, column)
}

function enumOf(catalog: Catalog, type: string): EnumType | undefined {
  return [...catalog.enums.values()].find(({ name }) => name.text === type)
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
