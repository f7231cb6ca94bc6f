import type { AlterTableCmd, Node } from 'libpg-query' with { 'resolution-mode': 'import' }

import { bodyOf, typeText } from '../../../sql/postgres/nodes'
import { fold } from '../../../sql/sqlite/tokens'
import { quotedName } from '../../../sql/tokens'
import type { Found } from '../../finding'
import { alterCommands } from '../../postgres/alter-commands'
import { type Catalog, nameOf } from '../../postgres/catalog'
import type { EnumType, Name } from '../../postgres/facts'
import { createFlag, isCleaned } from '../../postgres/guard'
import { isNull } from '../../postgres/learn-rows'
import { narrowing } from '../../postgres/narrowing'
import { countRows } from '../../postgres/queries'
import type { PostgresSubject } from '../../postgres/subject'
import { defineRule, type LintStep } from '../../rule'
import type { SqliteCatalog } from '../../sqlite/catalog'
import type { Rebuild, SqliteTable } from '../../sqlite/facts'
import { copyOf, droppedTable, lossesOf } from '../../sqlite/statements'
import type { SqliteSubject } from '../../sqlite/subject'

const help =
  'Count the rows that do not fit first, and correct them. Or add a column of the new type, fill it, and drop the old one in a ' +
  'later revision.'

/** https://www.postgresql.org/docs/current/datatype.html, https://sqlite.org/datatype3.html#type_affinity */
export const narrowType = defineRule({
  id: 'D8',
  name: 'narrow-type',
  category: 'loss',
  severity: 'error',
  about:
    'A narrower type refuses values, cuts them, or rounds them. Copy them into a column of the new type, and compare them.',
  postgres: {
    statement: (subject) =>
      alterCommands(subject.node).flatMap(({ table, command }) => {
        const one = alteredType(subject, table, command)
        return one === undefined ? [] : [weighed(one, subject.step)]
      }),
  },
  sqlite: {
    statement: computed,
    step: (step, subjects) => {
      const catalog = subjects.at(-1)?.catalog
      if (catalog === undefined) return []
      return [...catalog.rebuilds].flatMap(([key, rebuild]) => {
        const now = catalog.tables.get(key)
        if (now === undefined) return []
        const found = [...fewerValues(now, rebuild), ...(rebuild.isOwn ? [] : numbersFromTexts(catalog, now, rebuild))]
        return found.map((one) => weighed({ ...one, index: rebuild.index }, step))
      })
    },
  },
})

/** The downgrade of a type that was widened cannot but narrow it. */
function weighed(found: Found, { direction }: LintStep): Found {
  return direction === 'downgrade' ? { ...found, severity: 'info' } : found
}

/** Types to which any value can be cast without a loss, or not at all. */
const holdsAll = /^(?:text|character varying|citext|uuid|jsonb?|inet|timestamp with time zone)(?:\[\])*$/

function alteredType(subject: PostgresSubject, table: Name, command: AlterTableCmd): Found | undefined {
  const { catalog, effects } = subject
  const { subtype, name: column = '', def } = command
  if (subtype !== 'AT_AlterColumnType' || catalog.isNewColumn(table, column)) return undefined
  const known = catalog.column(table, column)
  if (catalog.isUndone(known?.madeIn) || catalog.isUndone(catalog.table(table)?.madeIn)) return undefined
  const { typeName, raw_default: using } = bodyOf(def, 'ColumnDef') ?? {}
  const to = typeText(typeName)
  const of = `${table.text}.${column}`
  if (isNull(using))
    return {
      message: `changing ${of} to ${to} USING NULL deletes all its values`,
      help,
      table: table.text,
    }
  if (known === undefined) {
    const isConverted = effects.destroys.some((loss) => loss.kind === 'converted' && loss.column === column)
    if (!isConverted || (isCast(using) && holdsAll.test(to))) return undefined
    return {
      message: `changing ${of} to ${to} may lose values: its type before is not known`,
      help,
      table: table.text,
      severity: 'warning',
    }
  }
  const { type } = known
  const removed = removedValues(enumOf(catalog, type), enumOf(catalog, to))
  if (removed.length > 0) {
    const values = removed.map((value) => `'${value.replaceAll("'", "''")}'`).join(', ')
    return {
      message: isCast(using)
        ? `changing ${of} to a type without ${values} fails while a row has ${removed.length === 1 ? 'it' : 'one of them'}`
        : `changing ${of} to a type without ${values} gives rows that have ${removed.length === 1 ? 'it' : 'one of them'} another value`,
      help:
        (to.endsWith(']')
          ? ''
          : `Count those rows in every database: ${countRows(table, `${quotedName(column)}::text IN (${values})`)}. `) +
        'Update them in an earlier revision, once no code writes the value any more.' +
        (subject.step.generated && isCast(using)
          ? ` Or let \`create\` convert them: ${createFlag(subject, 'using', table, column)}.`
          : ''),
      table: table.text,
    }
  }
  const lost = narrowing(type, to)
  if (lost === undefined) return undefined
  const fails = lost.fails && (using === undefined || (isCast(using) && lost.cuts !== true))
  const verb = fails ? 'fails for' : lost.cuts === true ? 'cuts' : 'loses'
  return {
    message: `changing ${of} from ${type} to ${to} ${verb} ${lost.what}`,
    help,
    table: table.text,
    // The author has changed those rows.
    ...(fails && isCleaned(subject, table, [column]) && { severity: 'info' as const }),
  }
}

function enumOf(catalog: Catalog, type: string): EnumType | undefined {
  return catalog.enumType(nameOf(type.replace(/(?:\[\])+$/, '').split('.')))
}

function removedValues(from: EnumType | undefined, to: EnumType | undefined): readonly string[] {
  if (from === undefined || to === undefined) return []
  return from.values.filter((value) => !to.values.includes(value))
}

/** True for no expression, and for a column with nothing but casts around it. */
function isCast(using: Node | undefined): boolean {
  if (using === undefined || bodyOf(using, 'ColumnRef') !== undefined) return true
  const cast = bodyOf(using, 'TypeCast')
  return cast?.arg !== undefined && isCast(cast.arg)
}

/** Columns that a rebuild does not copy but computes. */
function computed(subject: SqliteSubject): readonly Found[] {
  const table = droppedTable(subject)
  const copy = table === undefined ? undefined : copyOf(subject.catalog, table)
  if (table === undefined || copy === undefined) return []
  const { catalog, step } = subject
  const was = catalog.before(catalog.wasKey(table.key))
  const text = was?.name.text ?? table.text
  return lossesOf(subject, table).flatMap(({ kind, column }) => {
    if (kind !== 'column' || column === undefined || catalog.column(copy, column) === undefined) return []
    const madeIn = was?.columns.get(fold(column))?.madeIn
    if (catalog.isUndone(madeIn) || catalog.isUndone(was?.madeIn)) return []
    return [
      weighed(
        {
          message: `rebuilding ${text} computes the values of ${text}.${column}, and the old ones are lost`,
          help: 'Keep the old column until the new values are compared with it.',
          table: text,
        },
        step,
      ),
    ]
  })
}

/** Checks that allow fewer values: how SQLite writes an enum. */
function fewerValues(now: SqliteTable, { before, columns }: Rebuild): readonly Found[] {
  return [...columns].flatMap(([column, was]) => {
    const [old, wanted] = [allowedFor(before, was), allowedFor(now, column)]
    const removed = old?.filter((value) => wanted?.includes(value) === false) ?? []
    if (removed.length === 0) return []
    const [text, name] = [now.name.text, now.columns.get(column)?.name ?? column]
    return [
      {
        message: `rebuilding ${text} fails while a row has ${removed.join(' or ')} in ${text}.${name}, which the new check refuses`,
        help: 'Update those rows in an earlier revision, once no code writes the value any more.',
        table: text,
      },
    ]
  })
}

function allowedFor(table: SqliteTable | undefined, column: string): readonly string[] | undefined {
  return table?.constraints.find(({ allowed }) => allowed?.column === column)?.allowed?.values
}

/** A column of such a type turns a text that looks like a number into one: https://sqlite.org/datatype3.html#type_affinity */
// cspell:ignore floa doub
const numbers = /int|real|floa|doub|num|dec|bool/

/** The tool's own rebuilds begin with a check that refuses such texts. */
function numbersFromTexts(catalog: SqliteCatalog, now: SqliteTable, { before, columns }: Rebuild): readonly Found[] {
  return [...columns].flatMap(([column, was]): readonly Found[] => {
    const [old, wanted] = [before?.columns.get(was), now.columns.get(column)]
    if (old === undefined || wanted === undefined || catalog.isUndone(old.madeIn)) return []
    if (!/char|clob|text/.test(old.type) || /char|clob|text/.test(wanted.type) || !numbers.test(wanted.type)) return []
    return [
      {
        message: `rebuilding ${now.name.text} turns texts of ${now.name.text}.${wanted.name} into numbers: '007' becomes 7`,
        help: 'Keep the column a text if its values are not numbers.',
        table: now.name.text,
        severity: 'warning',
      },
    ]
  })
}
