import { bodiesIn, bodyOf, displayParts, partsOf, wordsOf } from '../../../sql/postgres/nodes'
import { fold } from '../../../sql/sqlite/tokens'
import type { Found } from '../../finding'
import { alterCommands } from '../../postgres/alter-commands'
import { nameOf, nameIn } from '../../postgres/catalog'
import type { Column, Name } from '../../postgres/facts'
import { columnsIn } from '../../postgres/learn-table'
import type { PostgresSubject } from '../../postgres/subject'
import { defineRule } from '../../rule'
import { copyOf, droppedColumn, droppedTable, lossesOf } from '../../sqlite/statements'
import type { SqliteSubject } from '../../sqlite/subject'

const help =
  'First remove it from the entity and release that, and drop it in a later revision. With `upgrade --keep-dropped`, its values ' +
  'are set aside, and a downgrade gives them back.'

/** https://www.postgresql.org/docs/current/sql-altertable.html, https://sqlite.org/lang_altertable.html#altertabdropcol */
export const dropColumn = defineRule({
  id: 'D2',
  name: 'drop-column',
  category: 'loss',
  severity: 'error',
  about:
    'Dropping a column loses its values, and code that still selects it fails. Drop it a release after the code that used it.',
  postgres: {
    statement: (subject) => [...columnsOf(subject), ...carriersOf(subject)],
    step: (_, subjects) => generatedGone(subjects),
  },
  sqlite: {
    statement: (subject) => [...droppedIn(subject), ...leftOut(subject)],
    step: (_, subjects) => subjects.flatMap((subject) => generatedGoneIn(subject)),
  },
})

function found(table: string, column: string): Found {
  return { message: `dropping ${table}.${column} loses its values, and code that still selects it fails`, help, table }
}

/** A generated column stores no values of its own. It may also be dropped to be added again with another expression. */
function generated(table: string, column: string, index: number | undefined): Found {
  return {
    message: `code that still selects ${table}.${column} fails when it is dropped`,
    help: 'First remove it from the entity and release that.',
    table,
    severity: 'warning',
    ...(index !== undefined && { index }),
  }
}

function generatedGone(subjects: readonly PostgresSubject[]): readonly Found[] {
  const catalog = subjects.at(-1)?.catalog
  if (catalog === undefined) return []
  return catalog.droppedColumns.flatMap(({ table, column, place }) => {
    const now = catalog.table(table)
    if (place !== catalog.place || !isComputed(column) || now === undefined || now.columns.has(column.name)) return []
    if ([column.madeIn, now.madeIn].some((made) => catalog.isHere(made) || catalog.isUndone(made))) return []
    const at = subjects.findLast(({ node }) =>
      alterCommands(node).some(
        ({ table: { key }, command }) =>
          key === table.key && command.subtype === 'AT_DropColumn' && command.name === column.name,
      ),
    )
    return [generated(table.text, column.name, at?.index)]
  })
}

function isComputed(column: Pick<Column, 'generated'> | undefined): boolean {
  return column?.generated === 'stored' || column?.generated === 'virtual'
}

function generatedGoneIn(subject: SqliteSubject): readonly Found[] {
  const dropped = droppedColumn(subject)
  if (dropped === undefined) return []
  const { catalog } = subject
  const { table, column } = dropped
  const was = catalog.before(catalog.wasKey(table.key))
  const known = was?.columns.get(fold(column))
  if (known?.generated === undefined || catalog.table(table) === undefined) return []
  const isBack = catalog.column(table, column) !== undefined
  const isUndone = catalog.isUndone(known.madeIn) || catalog.isUndone(was?.madeIn)
  return isBack || isUndone ? [] : [generated(table.text, known.name, subject.index)]
}

function columnsOf(subject: PostgresSubject): readonly Found[] {
  const { node, catalog } = subject
  const ofTables = alterCommands(node).flatMap(({ table, command: { subtype, name = '', missing_ok: isOptional } }) => {
    if (subtype !== 'AT_DropColumn') return []
    const [known, column] = [catalog.table(table), catalog.column(table, name)]
    if (catalog.isNewColumn(table, name) || catalog.isUndone(column?.madeIn) || catalog.isUndone(known?.madeIn))
      return []
    if (isOptional === true && known?.complete === true && column === undefined) return []
    return isComputed(column) || isSetAside(subject, table, name) ? [] : [found(table.text, name)]
  })
  const type = bodyOf(node, 'AlterTableStmt')
  if (type?.objtype !== 'OBJECT_TYPE') return ofTables
  const { text } = nameIn(type.relation)
  return (type.cmds ?? []).flatMap((command): readonly Found[] => {
    const { subtype, name = '' } = bodyOf(command, 'AlterTableCmd') ?? {}
    return subtype === 'AT_DropColumn'
      ? [{ message: `dropping attribute ${name} of type ${text} loses its values in every column of that type`, help }]
      : []
  })
}

/** Whether the step has renamed the column, added one of the old name, and filled that from it. */
function isSetAside({ earlier, catalog }: PostgresSubject, table: Name, column: string): boolean {
  const isFilled = (name: string): boolean =>
    earlier.some(({ node }) => {
      const update = bodyOf(node, 'UpdateStmt')
      return (
        update !== undefined &&
        update.whereClause === undefined &&
        nameIn(update.relation).key === table.key &&
        bodiesIn(update.targetList, 'ResTarget').some((one) => one.name === name && columnsIn(one.val).includes(column))
      )
    })
  return earlier.some(({ node }) => {
    const { renameType, relation, newname, subname = '' } = bodyOf(node, 'RenameStmt') ?? {}
    const isRenamed = renameType === 'OBJECT_COLUMN' && nameIn(relation).key === table.key && newname === column
    return isRenamed && catalog.isNewColumn(table, subname) && isFilled(subname)
  })
}

/** What columns depend on: CASCADE drops those, too. */
const carriers: readonly string[] = [
  'OBJECT_TYPE',
  'OBJECT_DOMAIN',
  'OBJECT_EXTENSION',
  'OBJECT_COLLATION',
  'OBJECT_LANGUAGE',
]

function carriersOf({ node, catalog }: PostgresSubject): readonly Found[] {
  const statement = bodyOf(node, 'DropStmt')
  const { removeType: type, behavior, objects = [] } = statement ?? {}
  if (type === undefined || behavior !== 'DROP_CASCADE' || !carriers.includes(type)) return []
  return objects.flatMap((object): readonly Found[] => {
    const parts = partsOf(object)
    const madeIn = catalog.enumType(nameOf(parts))?.madeIn
    if (catalog.isHere(madeIn) || catalog.isUndone(madeIn)) return []
    const words = wordsOf(type)
    return [
      {
        message: `dropping ${words} ${displayParts(parts)} with CASCADE also drops the columns that depend on it, with their values`,
        help: 'Leave out CASCADE, and change or drop those columns first: the statement then fails if one is left.',
      },
    ]
  })
}

function droppedIn(subject: SqliteSubject): readonly Found[] {
  const dropped = droppedColumn(subject)
  if (dropped === undefined) return []
  const { catalog } = subject
  const { table, column } = dropped
  const known = catalog.column(table, column)
  if (catalog.isNewColumn(table, column) || catalog.isUndone(known?.madeIn)) return []
  if (catalog.isUndone(catalog.table(table)?.madeIn)) return []
  return known?.generated === undefined ? [found(table.text, known?.name ?? column)] : []
}

/** Columns that a rebuild does not copy. Those that it computes are left to `narrow-type`. */
function leftOut(subject: SqliteSubject): readonly Found[] {
  const table = droppedTable(subject)
  if (table === undefined) return []
  const { catalog } = subject
  const was = catalog.before(catalog.wasKey(table.key)) ?? catalog.table(table)
  const text = was?.name.text ?? table.text
  const copy = copyOf(catalog, table)
  return lossesOf(subject, table).flatMap(({ kind, column }): readonly Found[] => {
    if (kind !== 'column' || catalog.isUndone(was?.madeIn)) return []
    if (column === undefined)
      return [
        {
          message: `rebuilding ${text} loses the columns that are not copied, and which these are is not known`,
          help: 'Compare the copied columns with those of the table in the database.',
          table: text,
          severity: 'warning',
        },
      ]
    if (catalog.isUndone(was?.columns.get(fold(column))?.madeIn)) return []
    return copy !== undefined && catalog.column(copy, column) !== undefined ? [] : [found(text, column)]
  })
}
