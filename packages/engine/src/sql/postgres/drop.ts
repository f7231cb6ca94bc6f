import type { DropStmt, Node, ObjectType } from 'libpg-query' with { 'resolution-mode': 'import' }

import type { Collector } from './collector'
import { tablelessExtensions } from './extensions'
import { bodiesIn, displayParts, partsOf, wordsOf, writtenAs } from './nodes'
import type { Handlers } from './statement'

export const drops: Handlers = {
  DropStmt: drop,
  TruncateStmt({ relations, behavior }, at) {
    const tables = at.relationsIn(relations)
    const names = tables.map(({ text }) => text).join(', ')
    at.does(`truncate ${names}`)
    for (const table of tables) {
      at.losesRows('all', table)
      at.locks('ACCESS EXCLUSIVE', table)
    }
    if (behavior === 'DROP_CASCADE') at.loses(`all rows of tables that refer to ${names}`)
  },
  DropOwnedStmt({ roles }, at) {
    const names = bodiesIn(roles, 'RoleSpec').map(({ rolename = 'a role' }) => rolename)
    at.does(`drop owned by ${names.join(', ')}`)
    at.loses(`all rows of tables that ${names.join(', ')} owns`)
    at.memory.forget()
  },
  DropdbStmt({ dbname = '' }, at) {
    at.does(`drop database ${dbname}`)
    at.loses(`all rows of database ${dbname}`)
  },
}

/** Objects without rows of their own, on which no rows depend. A materialized view can be computed again. */
const harmless = new Set<ObjectType>([
  'OBJECT_AGGREGATE',
  'OBJECT_CAST',
  'OBJECT_CONVERSION',
  'OBJECT_EVENT_TRIGGER',
  'OBJECT_FDW',
  'OBJECT_FOREIGN_SERVER',
  'OBJECT_FOREIGN_TABLE',
  'OBJECT_FUNCTION',
  'OBJECT_INDEX',
  'OBJECT_MATVIEW',
  'OBJECT_POLICY',
  'OBJECT_PROCEDURE',
  'OBJECT_PUBLICATION',
  'OBJECT_ROUTINE',
  'OBJECT_RULE',
  'OBJECT_SEQUENCE',
  'OBJECT_STATISTIC_EXT',
  'OBJECT_TRANSFORM',
  'OBJECT_TRIGGER',
  'OBJECT_TSCONFIGURATION',
  'OBJECT_TSDICTIONARY',
  'OBJECT_TSPARSER',
  'OBJECT_TSTEMPLATE',
  'OBJECT_VIEW',
])

/** Objects that columns or tables depend on: CASCADE drops those, too; without it, the server refuses. */
const carriers = new Set<ObjectType>([
  'OBJECT_ACCESS_METHOD',
  'OBJECT_COLLATION',
  'OBJECT_DOMAIN',
  'OBJECT_EXTENSION',
  'OBJECT_LANGUAGE',
  'OBJECT_OPCLASS',
  'OBJECT_OPERATOR',
  'OBJECT_OPFAMILY',
  'OBJECT_TYPE',
])

function drop(body: DropStmt, at: Collector): void {
  const { objects = [], removeType: type = 'OBJECT_TABLE', concurrent } = body
  const cascades = body.behavior === 'DROP_CASCADE'
  const words = wordsOf(type)
  for (const object of objects) {
    const parts = partsOf(object)
    const name = displayParts(parts)
    if (type === 'OBJECT_TABLE') dropTable(object, at)
    else if (type === 'OBJECT_SCHEMA') dropSchema(name, cascades, at)
    else if (!harmless.has(type) && !carriers.has(type)) {
      at.does(`drop ${name}`)
      at.doesUnknown(`drops what is not known: ${type}`)
    } else {
      const owner = owned.has(type) ? at.memory.relation(writtenAs(parts.slice(0, -1))) : undefined
      at.does(owner === undefined ? `drop ${words} ${name}` : `drop ${words} ${parts.at(-1) ?? ''} on ${owner.text}`)
      if (owner !== undefined) at.locks('ACCESS EXCLUSIVE', owner)
      if (carriers.has(type) && cascades) at.loses(`values of columns that depend on ${words} ${name}`)
      if (type === 'OBJECT_EXTENSION' && !tablelessExtensions.has(name))
        at.loses(`all rows of tables of extension ${name}`)
      if (relations.has(type)) dropRelation(parts, type, concurrent === true, at)
    }
  }
}

/** Parts of a table: their name follows that of the table. */
const owned = new Set<ObjectType>(['OBJECT_TRIGGER', 'OBJECT_POLICY', 'OBJECT_RULE'])

const relations = new Set<ObjectType>([
  'OBJECT_FOREIGN_TABLE',
  'OBJECT_INDEX',
  'OBJECT_MATVIEW',
  'OBJECT_SEQUENCE',
  'OBJECT_VIEW',
])

/** CASCADE also drops foreign keys and views, and no rows of other tables. */
function dropTable(object: Node, at: Collector): void {
  const table = at.memory.relation(writtenAs(partsOf(object)))
  at.does(`drop table ${table.text}`)
  at.losesRows('all', table, 'table')
  at.locks('ACCESS EXCLUSIVE', table)
  at.memory.drop(table)
}

function dropRelation(parts: readonly string[], type: ObjectType, concurrent: boolean, at: Collector): void {
  const relation = at.memory.relation(writtenAs(parts))
  const isIndex = type === 'OBJECT_INDEX'
  const table = at.memory.of(relation).indexed
  if (!concurrent && type !== 'OBJECT_SEQUENCE') {
    at.locks('ACCESS EXCLUSIVE', relation, isIndex)
    if (table !== undefined) at.locks('ACCESS EXCLUSIVE', table)
  }
  at.memory.drop(relation)
}

/** Without CASCADE, the server drops only an empty schema. */
function dropSchema(name: string, cascades: boolean, at: Collector): void {
  at.does(`drop schema ${name}`)
  // Even a new schema may have types that columns of old tables use.
  if (cascades)
    at.loses(
      at.memory.isNewSchema(name)
        ? `values of columns that depend on schema ${name}`
        : `all rows of tables in schema ${name}`,
    )
  at.memory.dropSchema(name)
}
