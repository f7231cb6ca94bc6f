import type { DropStmt, Node, RenameStmt } from 'libpg-query' with { 'resolution-mode': 'import' }

import { partsOf, stringsOf } from '../../sql/postgres/nodes'
import { type Catalog, columnKey, nameIn, nameOf } from './catalog'
import type { Name } from './facts'
import { learnRows } from './learn-rows'
import { alterTable, createTable, learnIndex } from './learn-table'

/** Applies a statement to what is known. Whatever it does not know leaves the catalog as it is. */
export function learn(catalog: Catalog, node: Node): void {
  if ('CreateStmt' in node) createTable(catalog, node.CreateStmt)
  else if ('CreateTableAsStmt' in node) {
    const { into, objtype } = node.CreateTableAsStmt
    const kind = objtype === 'OBJECT_MATVIEW' ? 'materialized view' : 'table'
    catalog.changed(nameIn(into?.rel), { kind, complete: false, madeIn: catalog.place })
  } else if ('ViewStmt' in node) {
    const name = nameIn(node.ViewStmt.view)
    if (catalog.table(name) === undefined) catalog.changed(name, { kind: 'view', madeIn: catalog.place })
  } else if ('AlterTableStmt' in node) alterTable(catalog, node.AlterTableStmt)
  else if ('IndexStmt' in node) learnIndex(catalog, node.IndexStmt)
  else if ('DropStmt' in node) drop(catalog, node.DropStmt)
  else if ('RenameStmt' in node) rename(catalog, node.RenameStmt)
  else if ('CreateSchemaStmt' in node) {
    const { schemaname, authrole, schemaElts } = node.CreateSchemaStmt
    catalog.schemas.set(schemaname ?? authrole?.rolename ?? '', catalog.place)
    for (const part of schemaElts ?? []) learn(catalog, part)
  } else if ('CreateEnumStmt' in node) {
    const { typeName, vals } = node.CreateEnumStmt
    const name = nameOf(stringsOf(typeName))
    catalog.enums.set(name.key, { name, values: stringsOf(vals), added: new Map(), madeIn: catalog.place })
  } else if ('AlterEnumStmt' in node) {
    const { typeName, oldVal, newVal, newValNeighbor, newValIsAfter } = node.AlterEnumStmt
    const name = nameOf(stringsOf(typeName))
    if (oldVal !== undefined) catalog.noteRename('value', newVal ?? '')
    const known = catalog.enumType(name)
    if (known === undefined || newVal === undefined) return
    if (oldVal !== undefined) {
      const values = known.values.map((value) => (value === oldVal ? newVal : value))
      catalog.enums.set(known.name.key, { ...known, values })
      return
    }
    // With IF NOT EXISTS.
    if (known.values.includes(newVal)) return
    const at = newValNeighbor === undefined ? known.values.length : known.values.indexOf(newValNeighbor)
    catalog.enums.set(known.name.key, {
      ...known,
      values: known.values.toSpliced(newValIsAfter === true ? at + 1 : at, 0, newVal),
      added: new Map(known.added).set(newVal, catalog.place),
    })
  } else if ('AlterObjectSchemaStmt' in node) {
    const { relation, newschema, objectType } = node.AlterObjectSchemaStmt
    if (relation === undefined) return
    const from = nameIn(relation)
    move(catalog, from, nameOf([newschema ?? '', from.name]), objectType === 'OBJECT_INDEX')
  } else learnRows(catalog, node)
}

function drop(catalog: Catalog, { removeType, objects }: DropStmt): void {
  for (const object of objects ?? []) {
    const parts = partsOf(object)
    const name = nameOf(parts)
    switch (removeType) {
      case 'OBJECT_TABLE':
      case 'OBJECT_VIEW':
      case 'OBJECT_MATVIEW':
      case 'OBJECT_FOREIGN_TABLE':
        catalog.tables.delete(name.key)
        for (const [key, index] of catalog.indexes) if (index.table === name.key) catalog.indexes.delete(key)
        for (const table of catalog.tables.values())
          for (const { name: constraint, references } of table.constraints.values())
            if (references === name.key) without(catalog, table.name, constraint)
        break
      case 'OBJECT_INDEX':
        dropIndex(catalog, name)
        break
      case 'OBJECT_TYPE':
        catalog.enums.delete(name.key)
        break
      case 'OBJECT_SCHEMA':
        dropSchema(catalog, parts.at(-1) ?? '')
        break
      default:
    }
  }
}

function dropIndex(catalog: Catalog, name: Name): void {
  const index = catalog.index(name)
  catalog.dropIndex(name)
  const table = catalog.tables.get(index?.table ?? '')
  const columns = index?.columns.flatMap((column) => column ?? []) ?? []
  if (index === undefined || table === undefined || !index.unique || index.partial) return
  if (columns.length < index.columns.length) return
  const { name: indexName, madeIn } = index
  const known = {
    name: indexName.name,
    kind: 'unique',
    columns,
    mentions: [],
    validated: true,
    provesNotNull: [],
    madeIn,
  } as const
  catalog.dropped.push({ table: table.name, name: name.name, known, place: catalog.place, isIndex: true })
}

function without(catalog: Catalog, table: Name, constraint: string): void {
  const constraints = new Map(catalog.table(table)?.constraints)
  constraints.delete(constraint)
  catalog.changed(table, { constraints })
}

function dropSchema(catalog: Catalog, schema: string): void {
  catalog.schemas.delete(schema)
  for (const objects of [catalog.tables, catalog.indexes, catalog.enums] as readonly Map<string, { name: Name }>[])
    for (const [key, { name }] of objects) if (name.schema === schema) objects.delete(key)
}

function rename(catalog: Catalog, statement: RenameStmt): void {
  const { renameType, relation, subname = '', newname = '', object } = statement
  const from = nameIn(relation)
  switch (renameType) {
    case 'OBJECT_TABLE':
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
      return move(catalog, from, nameOf([from.schema, newname]), catalog.index(from) !== undefined)
    case 'OBJECT_INDEX':
      return move(catalog, from, nameOf([from.schema, newname]), true)
    case 'OBJECT_COLUMN':
      return renameColumn(catalog, from, subname, newname)
    case 'OBJECT_TABCONSTRAINT': {
      const known = catalog.constraint(from, subname)
      if (known === undefined) return
      without(catalog, from, subname)
      return catalog.setConstraint(from, { ...known, name: newname })
    }
    case 'OBJECT_TYPE': {
      const name = nameOf(partsOf(object))
      const known = catalog.enumType(name)
      if (known === undefined) return
      const renamed = nameOf([name.schema, newname])
      catalog.enums.delete(name.key)
      catalog.enums.set(renamed.key, { ...known, name: renamed })
      return retype(catalog, name.text, renamed.text)
    }
    case 'OBJECT_SCHEMA':
      catalog.noteRename('schema', newname)
      catalog.schemas.set(newname, catalog.schemas.get(subname) ?? catalog.place)
      catalog.schemas.delete(subname)
      for (const { name } of [...catalog.tables.values()])
        if (name.schema === subname) move(catalog, name, nameOf([newname, name.name]), false)
      return
    default:
  }
}

/** Gives a table or an index another name. */
function move(catalog: Catalog, from: Name, to: Name, isIndex: boolean): void {
  if (isIndex) {
    const index = catalog.index(from)
    if (index === undefined) return
    catalog.indexes.delete(from.key)
    catalog.indexes.set(to.key, { ...index, name: to })
    return
  }
  catalog.noteRename('table', to.key)
  const known = catalog.table(from)
  if (known === undefined) return
  catalog.tables.delete(from.key)
  catalog.tables.set(to.key, { ...known, name: to })
  for (const [key, index] of [...catalog.indexes])
    if (index.table === from.key) catalog.indexes.set(key, { ...index, table: to.key })
  for (const table of [...catalog.tables.values()])
    for (const constraint of table.constraints.values())
      if (constraint.references === from.key) catalog.setConstraint(table.name, { ...constraint, references: to.key })
  catalog.changeDropped((one) => ({
    ...one,
    table: one.table.key === from.key ? to : one.table,
    known: one.known?.references === from.key ? { ...one.known, references: to.key } : one.known,
  }))
}

/** Columns follow their type when it is renamed. */
function retype(catalog: Catalog, from: string, to: string): void {
  for (const { name, columns } of [...catalog.tables.values()])
    for (const column of columns.values())
      if (column.type === from || column.type === `${from}[]`)
        catalog.setColumn(name, { ...column, type: `${to}${column.type.slice(from.length)}` })
}

function renameColumn(catalog: Catalog, table: Name, from: string, to: string): void {
  catalog.noteRename('column', to)
  if (catalog.filled.delete(columnKey(table, from))) catalog.filled.add(columnKey(table, to))
  const known = catalog.table(table)
  const column = known?.columns.get(from)
  if (known === undefined || column === undefined) return
  const renamed = (name: string): string => (name === from ? to : name)
  catalog.changeDropped((one) =>
    one.known === undefined || one.table.key !== table.key
      ? one
      : { ...one, known: { ...one.known, columns: one.known.columns.map(renamed) } },
  )
  catalog.changed(table, {
    columns: new Map([...known.columns].map(([name, one]) => [renamed(name), { ...one, name: renamed(name) }])),
    constraints: new Map(
      [...known.constraints].map(([name, one]) => [
        name,
        {
          ...one,
          columns: one.columns.map(renamed),
          mentions: one.mentions.map(renamed),
          provesNotNull: one.provesNotNull.map(renamed),
        },
      ]),
    ),
  })
  for (const other of [...catalog.tables.values()])
    for (const constraint of other.constraints.values())
      if (constraint.references === table.key && constraint.referencedColumns?.includes(from) === true)
        catalog.setConstraint(other.name, {
          ...constraint,
          referencedColumns: constraint.referencedColumns.map(renamed),
        })
  for (const [key, index] of [...catalog.indexes])
    if (index.table === table.key)
      catalog.indexes.set(key, {
        ...index,
        columns: index.columns.map((name) => (name === undefined ? undefined : renamed(name))),
      })
}
