import type {
  AlterTableCmd,
  AlterTableStmt,
  ColumnDef,
  Constraint as ConstraintNode,
  CreateStmt,
  IndexStmt,
  Node,
} from 'libpg-query' with { 'resolution-mode': 'import' }

import { bodiesIn, bodyOf, everyBody, stringsOf, typeText } from '../../sql/postgres/nodes'
import { type Catalog, columnKey, nameIn, nameOf } from './catalog'
import type { Column, ConstraintKind, Name } from './facts'
import { isNull } from './learn-rows'

const serials: Readonly<Record<string, string>> = {
  serial: 'integer',
  serial4: 'integer',
  bigserial: 'bigint',
  serial8: 'bigint',
  smallserial: 'smallint',
  serial2: 'smallint',
}

export function createTable(catalog: Catalog, statement: CreateStmt): void {
  const { relation, tableElts, inhRelations, partspec, if_not_exists: isOptional, ofTypename } = statement
  const name = nameIn(relation)
  if (isOptional === true && catalog.table(name) !== undefined) return
  const likes = bodiesIn(tableElts, 'TableLikeClause').length > 0
  catalog.tables.delete(name.key)
  catalog.changed(name, {
    complete: !likes && (inhRelations ?? []).length === 0 && ofTypename === undefined,
    partitioned: partspec !== undefined,
    // With IF NOT EXISTS as well: no revision before knows of it.
    madeIn: catalog.place,
  })
  for (const column of bodiesIn(tableElts, 'ColumnDef')) addColumn(catalog, name, column)
  for (const constraint of bodiesIn(tableElts, 'Constraint')) addConstraint(catalog, name, constraint)
}

export function alterTable(catalog: Catalog, { relation, cmds, objtype }: AlterTableStmt): void {
  if (objtype !== 'OBJECT_TABLE') return
  const table = nameIn(relation)
  for (const command of bodiesIn(cmds, 'AlterTableCmd')) alter(catalog, table, command)
}

function alter(
  catalog: Catalog,
  table: Name,
  { subtype, name = '', def, missing_ok: isOptional }: AlterTableCmd,
): void {
  switch (subtype) {
    case 'AT_AddColumn': {
      const column = bodyOf(def, 'ColumnDef')
      // With IF NOT EXISTS, a column that is there stays as it is.
      const isThere = isOptional === true && catalog.column(table, column?.colname ?? '') !== undefined
      if (column !== undefined && !isThere) addColumn(catalog, table, column)
      return
    }
    case 'AT_DropColumn':
      return dropColumn(catalog, table, name)
    case 'AT_AlterColumnType':
      return catalog.changeColumn(table, name, { type: typeText(bodyOf(def, 'ColumnDef')?.typeName) })
    case 'AT_SetNotNull':
    case 'AT_DropNotNull':
      return catalog.changeColumn(table, name, { notNull: subtype === 'AT_SetNotNull' })
    case 'AT_ColumnDefault':
      return catalog.changeColumn(table, name, { hasDefault: def !== undefined && !isNull(def) })
    case 'AT_AddIdentity':
      return catalog.changeColumn(table, name, { generated: 'identity', notNull: true })
    case 'AT_DropIdentity':
    case 'AT_DropExpression':
      return catalog.changeColumn(table, name, { generated: undefined })
    case 'AT_AddConstraint': {
      const constraint = bodyOf(def, 'Constraint')
      if (constraint !== undefined) addConstraint(catalog, table, constraint)
      return
    }
    case 'AT_DropConstraint': {
      const constraints = new Map(catalog.table(table)?.constraints)
      catalog.dropped.push({ table, name, known: constraints.get(name), place: catalog.place })
      constraints.delete(name)
      catalog.indexes.delete(nameOf([table.schema, name]).key)
      return catalog.changed(table, { constraints })
    }
    case 'AT_ValidateConstraint': {
      const known = catalog.constraint(table, name)
      if (known !== undefined) catalog.setConstraint(table, { ...known, validated: true })
      return
    }
    default:
  }
}

function dropColumn(catalog: Catalog, table: Name, column: string): void {
  catalog.filled.delete(columnKey(table, column))
  const known = catalog.table(table)
  if (known === undefined) return
  const columns = new Map(known.columns)
  const dropped = columns.get(column)
  if (dropped !== undefined) catalog.droppedColumns.push({ table, column: dropped, place: catalog.place })
  columns.delete(column)
  const constraints = new Map(
    [...known.constraints].filter(([, one]) => !one.columns.includes(column) && !one.mentions.includes(column)),
  )
  catalog.changed(table, { columns, constraints })
  for (const index of catalog.indexesOf(table))
    if (index.columns.includes(column)) catalog.indexes.delete(index.name.key)
}

function addColumn(catalog: Catalog, table: Name, definition: ColumnDef): void {
  catalog.setColumn(table, columnIn(catalog, definition))
  const { colname = '', constraints } = definition
  for (const constraint of bodiesIn(constraints, 'Constraint')) addConstraint(catalog, table, constraint, colname)
}

/** A column as a definition declares it. */
export function columnIn(catalog: Catalog, { colname = '', typeName, constraints }: ColumnDef): Column {
  const type = typeText(typeName)
  const kinds = bodiesIn(constraints, 'Constraint').map(({ contype }) => contype)
  const isSerial = type in serials
  const generated = generatedIn(bodiesIn(constraints, 'Constraint'))
  return {
    name: colname,
    type: serials[type] ?? type,
    notNull: isSerial || kinds.some((kind) => notNull.has(String(kind))),
    hasDefault:
      isSerial ||
      bodiesIn(constraints, 'Constraint').some((one) => one.contype === 'CONSTR_DEFAULT' && !isNull(one.raw_expr)),
    ...(generated !== undefined && { generated }),
    madeIn: catalog.place,
  }
}

const notNull = new Set(['CONSTR_NOTNULL', 'CONSTR_PRIMARY', 'CONSTR_IDENTITY'])

function generatedIn(constraints: readonly ConstraintNode[]): Column['generated'] {
  for (const { contype, generated_kind: kind } of constraints) {
    if (contype === 'CONSTR_IDENTITY') return 'identity'
    if (contype === 'CONSTR_GENERATED') return kind === 'v' ? 'virtual' : 'stored'
  }
  return undefined
}

const kinds: Readonly<Record<string, ConstraintKind>> = {
  CONSTR_CHECK: 'check',
  CONSTR_UNIQUE: 'unique',
  CONSTR_PRIMARY: 'primary key',
  CONSTR_FOREIGN: 'foreign key',
  CONSTR_EXCLUSION: 'exclusion',
  CONSTR_NOTNULL: 'not null',
}

/** @param column that it is written at, if it is not a constraint of the table */
function addConstraint(catalog: Catalog, table: Name, node: ConstraintNode, column?: string): void {
  const kind = kinds[node.contype ?? '']
  if (kind === undefined || (kind === 'not null' && column !== undefined)) return
  const columns = columnsOfConstraint(catalog, node, column)
  if (kind === 'primary key' || kind === 'not null')
    for (const name of columns) catalog.changeColumn(table, name, { notNull: true })
  catalog.setConstraint(table, {
    name: nameOfConstraint(catalog, table, node, column),
    kind,
    columns,
    mentions: columnsIn(node.raw_expr),
    ...(node.pktable !== undefined && {
      references: nameIn(node.pktable).key,
      referencedColumns: stringsOf(node.pk_attrs),
    }),
    validated: node.skip_validation !== true,
    provesNotNull: kind === 'not null' ? columns : provedNotNull(node.raw_expr),
    madeIn: catalog.place,
  })
}

/**
 * The columns of a constraint; none for a check of a table.
 *
 * @param column that it is written at, if it is not a constraint of the table
 */
export function columnsOfConstraint(
  catalog: Catalog,
  { keys, fk_attrs: own, indexname }: ConstraintNode,
  column?: string,
): readonly string[] {
  if (column !== undefined) return [column]
  // ADD CONSTRAINT … USING INDEX
  if (indexname !== undefined)
    return (
      [...catalog.indexes.values()]
        .find(({ name }) => name.name === indexname)
        ?.columns.flatMap((name) => name ?? []) ?? []
    )
  return [...stringsOf(keys), ...stringsOf(own)]
}

const suffixes: Readonly<Record<ConstraintKind, string>> = {
  check: 'check',
  unique: 'key',
  'primary key': 'pkey',
  'foreign key': 'fkey',
  exclusion: 'excl',
  'not null': 'not_null',
}

/** The name of a constraint, or the one that the server chooses for it. */
export function nameOfConstraint(catalog: Catalog, table: Name, node: ConstraintNode, column?: string): string {
  const kind = kinds[node.contype ?? ''] ?? 'check'
  const mentioned = columnsIn(node.raw_expr)
  const columns = kind === 'check' && mentioned.length === 1 ? mentioned : columnsOfConstraint(catalog, node, column)
  if (node.conname !== undefined) return node.conname
  const name = derivedName(table, kind, [...columns, ...stringsOf(node.including)])
  for (let number = 0; ; number += 1) {
    const free = number === 0 ? name : `${name}${String(number)}`
    if (catalog.constraint(table, free) === undefined) return free
  }
}

/** The columns that an expression mentions. */
export function columnsIn(expression: Node | undefined): readonly string[] {
  return [...new Set(everyBody(expression, 'ColumnRef').flatMap(({ fields }) => stringsOf(fields).at(-1) ?? []))]
}

/** The name that the server chooses, if it is not too long: `ChooseIndexName` and `ChooseConstraintName`. */
function derivedName({ name }: Name, kind: ConstraintKind, columns: readonly string[]): string {
  return [name, ...(kind === 'primary key' ? [] : columns), suffixes[kind]].join('_')
}

/** The columns that a condition proves to be not null: `a IS NOT NULL`, alone or joined by AND. */
export function provedNotNull(node: Node | undefined): readonly string[] {
  const joined = bodyOf(node, 'BoolExpr')
  if (joined?.boolop === 'AND_EXPR') return (joined.args ?? []).flatMap(provedNotNull)
  const test = bodyOf(node, 'NullTest')
  const fields = test?.nulltesttype === 'IS_NOT_NULL' ? bodyOf(test.arg, 'ColumnRef')?.fields : undefined
  const column = stringsOf(fields).at(-1)
  return column === undefined ? [] : [column]
}

export function learnIndex(catalog: Catalog, statement: IndexStmt): void {
  const { idxname, relation, indexParams, unique, whereClause, if_not_exists: isOptional } = statement
  const table = nameIn(relation)
  const columns = bodiesIn(indexParams, 'IndexElem').map(({ name }) => name)
  const name = nameOf([
    table.schema,
    idxname ?? [table.name, ...columns.map((column) => column ?? 'expr'), 'idx'].join('_'),
  ])
  if (isOptional === true && catalog.index(name) !== undefined) return
  catalog.indexes.set(name.key, {
    name,
    table: table.key,
    unique: unique === true,
    columns,
    partial: whereClause !== undefined,
    madeIn: catalog.place,
  })
}
