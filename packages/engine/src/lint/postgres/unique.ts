import type { ColumnDef } from 'libpg-query' with { 'resolution-mode': 'import' }

import { bodiesIn, bodyOf, stringsOf } from '../../sql/postgres/nodes'
import { quotedName } from '../../sql/tokens'
import { type Catalog, columnKey, nameIn, nameOf } from './catalog'
import type { Constraint, Name } from './facts'
import { isNull } from './learn-rows'
import type { PostgresSubject } from './subject'
import { indexKeys, textAfter } from './text'
import { catalogAfter, columnsIn, constraintsIn } from './written'

/** A unique index or constraint, or a primary key, that a statement creates on rows that exist. */
export interface NewUnique {
  readonly table: Name
  /** `unique index ix_orders_email`, `constraint uq_orders_email`, `primary key`. */
  readonly label: string
  /** Columns and expressions, as they are shown. */
  readonly keys: readonly string[]
  /** The same for a statement: columns are quoted. */
  readonly sqlKeys: readonly string[]
  /** Of the rows that count. */
  readonly conditions: readonly string[]
  readonly isPrimary: boolean
  /** One of its columns is new and NULL in all rows, so that no two rows are the same. */
  readonly isNullInRows: boolean
}

/** None for a new table, for what is unique already, and for new columns that are filled with different values. */
export function uniquesIn(subject: PostgresSubject): readonly NewUnique[] {
  const { node, sql, catalog } = subject
  const index = bodyOf(node, 'IndexStmt')
  if (index === undefined) return constraintsFrom(subject)
  const table = nameIn(index.relation)
  const columns = bodiesIn(index.indexParams, 'IndexElem').map(({ name }) => name)
  if (index.unique !== true) return []
  if (index.if_not_exists === true && catalog.index(nameOf([table.schema, index.idxname ?? ''])) !== undefined)
    return []
  const keys = indexKeys(sql)
  const predicate = textAfter(sql, 'WHERE')
  return uniqueOn(subject, {
    table,
    label: index.idxname === undefined ? 'a unique index' : `unique index ${index.idxname}`,
    columns,
    keys: columns.map((column, at) => column ?? keys[at] ?? ''),
    predicate: index.whereClause === undefined ? undefined : predicate,
    nullsAreDistinct: index.nulls_not_distinct !== true,
    isPrimary: false,
  })
}

function constraintsFrom(subject: PostgresSubject): readonly NewUnique[] {
  return constraintsIn(subject).flatMap(({ table, kind, columns, constraint, label, command }) => {
    const isPrimary = kind === 'CONSTR_PRIMARY'
    if (kind !== 'CONSTR_UNIQUE' && !isPrimary) return []
    // A unique index that exists, or a table of this statement.
    if (constraint.indexname !== undefined || command === undefined) return []
    return uniqueOn(subject, {
      table,
      label: isPrimary ? 'the primary key' : label === 'a constraint' ? 'a unique constraint' : `unique ${label}`,
      columns,
      keys: columns,
      predicate: undefined,
      nullsAreDistinct: constraint.nulls_not_distinct !== true && !isPrimary,
      isPrimary,
    })
  })
}

interface Written extends Pick<NewUnique, 'table' | 'label' | 'keys' | 'isPrimary'> {
  /** Undefined for an expression. */
  readonly columns: readonly (string | undefined)[]
  readonly predicate: string | undefined
  readonly nullsAreDistinct: boolean
}

function uniqueOn(subject: PostgresSubject, written: Written): readonly NewUnique[] {
  const { table, label, columns, keys, predicate, nullsAreDistinct, isPrimary } = written
  const after = catalogAfter(subject)
  if (after.isNew(table) || isUnique(subject.catalog, after.droppedHere(table), table, columns)) return []
  const plain = columns.flatMap((column) => column ?? [])
  const isNew = (column: string): boolean => after.isHere(after.column(table, column)?.madeIn)
  if (plain.some((column) => isNew(column) && isDistinct(definitionOf(subject, table, column)))) return []
  const sqlKeys = columns.map((column, at) => (column === undefined ? (keys[at] ?? '') : quotedName(column)))
  const mayBeNull = (column: string): boolean => subject.catalog.column(table, column)?.notNull !== true
  return [
    {
      table,
      label,
      keys,
      sqlKeys,
      conditions: [
        ...(nullsAreDistinct ? plain.filter(mayBeNull).map((column) => `${quotedName(column)} IS NOT NULL`) : []),
        ...(predicate === undefined
          ? []
          : [
              columns.length === plain.length && plain.every((column) => !mayBeNull(column))
                ? predicate
                : `(${predicate})`,
            ]),
      ],
      isPrimary,
      isNullInRows:
        nullsAreDistinct && plain.some((column) => isNew(column) && isNullInRows(subject, after, table, column)),
    },
  ]
}

/**
 * True if some of the columns are unique on their own, or were until this step.
 *
 * @param dropped constraints that the step has dropped
 */
function isUnique(
  catalog: Catalog,
  dropped: readonly Constraint[],
  table: Name,
  columns: readonly (string | undefined)[],
): boolean {
  const covers = (unique: readonly (string | undefined)[]): boolean =>
    unique.length > 0 && unique.every((column) => column !== undefined && columns.includes(column))
  const constraints = [...dropped, ...(catalog.table(table)?.constraints.values() ?? [])]
  return (
    constraints.some(({ kind, columns: own }) => (kind === 'unique' || kind === 'primary key') && covers(own)) ||
    catalog.indexesOf(table).some((index) => index.unique && !index.partial && covers(index.columns))
  )
}

/** Where this step adds the column to its table; undefined if it does not. */
export function definitionOf(subject: PostgresSubject, table: Name, column: string): ColumnDef | undefined {
  return [...subject.earlier, subject]
    .flatMap((one) => columnsIn(one))
    .findLast((one) => one.command?.subtype === 'AT_AddColumn' && one.table.key === table.key && one.name === column)
    ?.definition
}

/** The default with which rows are filled when the column is added; undefined for none and for NULL. */
export function initialOf(definition: ColumnDef | undefined): ReturnType<typeof defaultIn> {
  const initial = defaultIn(definition)
  return isNull(initial) ? undefined : initial
}

function defaultIn(definition: ColumnDef | undefined) {
  return bodiesIn(definition?.constraints, 'Constraint').find(({ contype }) => contype === 'CONSTR_DEFAULT')?.raw_expr
}

const distinctFunctions = new Set([
  'nextval',
  'gen_random_uuid',
  'uuid_generate_v1',
  'uuid_generate_v4',
  'uuidv4',
  'uuidv7',
])

/** True if the new column gets another value in each row. */
function isDistinct(definition: ColumnDef | undefined): boolean {
  const type = stringsOf(definition?.typeName?.names).at(-1) ?? ''
  const kinds = bodiesIn(definition?.constraints, 'Constraint').map(({ contype }) => contype)
  const name = stringsOf(bodyOf(defaultIn(definition), 'FuncCall')?.funcname).at(-1)
  return (
    /^(?:small|big)?serial[248]?$/.test(type) || kinds.includes('CONSTR_IDENTITY') || distinctFunctions.has(name ?? '')
  )
}

/** A column of this step that neither a default nor an UPDATE has filled. */
export function isNullInRows(subject: PostgresSubject, after: Catalog, table: Name, column: string): boolean {
  if (!after.isHere(after.column(table, column)?.madeIn)) return false
  if (after.column(table, column)?.generated !== undefined || after.filled.has(columnKey(table, column))) return false
  const definition = definitionOf(subject, table, column)
  return definition !== undefined && initialOf(definition) === undefined && !isDistinct(definition)
}
