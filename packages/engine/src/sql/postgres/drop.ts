import type { DropStmt, Node, ObjectType } from 'libpg-query' with { 'resolution-mode': 'import' }

import type { Collector } from './collector'
import { tablelessExtensions } from './extensions'
import { displayParts, partsOf, writtenAs, writtenIn } from './nodes'
import type { Handlers } from './statement'

export const drops: Handlers = {
  DropStmt: drop,
  TruncateStmt({ relations, behavior }, at) {
    const tables = (relations ?? []).flatMap((node) =>
      'RangeVar' in node ? [at.memory.relation(writtenIn(node.RangeVar))] : [],
    )
    const names = tables.map(({ text }) => text).join(', ')
    at.says(`truncate ${names}`)
    for (const table of tables) {
      at.losesRows('all', table)
      at.locks('ACCESS EXCLUSIVE', table)
    }
    if (behavior === 'DROP_CASCADE') at.loses(`all rows of tables that refer to ${names}`)
  },
  DropOwnedStmt({ roles }, at) {
    const names = (roles ?? []).map((node) => ('RoleSpec' in node ? (node.RoleSpec.rolename ?? 'a role') : ''))
    at.says(`drop owned by ${names.join(', ')}`)
    at.loses(`all rows of tables that ${names.join(', ')} owns`)
    at.memory.forget()
  },
  DropdbStmt({ dbname = '' }, at) {
    at.says(`drop database ${dbname}`)
    at.loses(`all rows of database ${dbname}`)
  },
}

/** Objects without rows of their own, on which no rows depend either. A materialized view is computed again. */
const harmless: Readonly<Partial<Record<ObjectType, string>>> = {
  OBJECT_AGGREGATE: 'aggregate',
  OBJECT_CAST: 'cast',
  OBJECT_CONVERSION: 'conversion',
  OBJECT_EVENT_TRIGGER: 'event trigger',
  OBJECT_FDW: 'foreign data wrapper',
  OBJECT_FOREIGN_SERVER: 'server',
  OBJECT_FOREIGN_TABLE: 'foreign table',
  OBJECT_FUNCTION: 'function',
  OBJECT_INDEX: 'index',
  OBJECT_MATVIEW: 'materialized view',
  OBJECT_POLICY: 'policy',
  OBJECT_PROCEDURE: 'procedure',
  OBJECT_PUBLICATION: 'publication',
  OBJECT_ROUTINE: 'routine',
  OBJECT_RULE: 'rule',
  OBJECT_SEQUENCE: 'sequence',
  OBJECT_STATISTIC_EXT: 'statistics',
  OBJECT_TRANSFORM: 'transform',
  OBJECT_TRIGGER: 'trigger',
  OBJECT_TSCONFIGURATION: 'text search configuration',
  OBJECT_TSDICTIONARY: 'text search dictionary',
  OBJECT_TSPARSER: 'text search parser',
  OBJECT_TSTEMPLATE: 'text search template',
  OBJECT_VIEW: 'view',
}

/** What columns or tables can consist of: they go with it when CASCADE says so; without that, the server refuses. */
const carriers: Readonly<Partial<Record<ObjectType, string>>> = {
  OBJECT_ACCESS_METHOD: 'access method',
  OBJECT_COLLATION: 'collation',
  OBJECT_DOMAIN: 'domain',
  OBJECT_EXTENSION: 'extension',
  OBJECT_LANGUAGE: 'language',
  OBJECT_OPCLASS: 'operator class',
  OBJECT_OPERATOR: 'operator',
  OBJECT_OPFAMILY: 'operator family',
  OBJECT_TYPE: 'type',
}

function drop(body: DropStmt, at: Collector): void {
  const { objects = [], removeType: type = 'OBJECT_TABLE', concurrent } = body
  const cascades = body.behavior === 'DROP_CASCADE'
  const words = harmless[type] ?? carriers[type]
  for (const object of objects) {
    const parts = partsOf(object)
    const name = displayParts(parts)
    if (type === 'OBJECT_TABLE') dropTable(object, at)
    else if (type === 'OBJECT_SCHEMA') dropSchema(name, cascades, at)
    else if (words === undefined) {
      at.says(`drop ${name}`)
      at.doesUnknown(`drops what is not known: ${type}`)
    } else {
      const owner = owned.has(type) ? at.memory.relation(writtenAs(parts.slice(0, -1))) : undefined
      at.says(owner === undefined ? `drop ${words} ${name}` : `drop ${words} ${parts.at(-1) ?? ''} on ${owner.text}`)
      if (owner !== undefined) at.locks('ACCESS EXCLUSIVE', owner)
      if (type in carriers && cascades) at.loses(`values of columns that depend on ${words} ${name}`)
      if (type === 'OBJECT_EXTENSION' && !tablelessExtensions.has(name))
        at.loses(`all rows of tables of extension ${name}`)
      if (relations.has(type)) dropRelation(parts, type, concurrent === true, at)
    }
  }
}

/** Parts of a table: their name is behind that of the table. */
const owned = new Set<ObjectType>(['OBJECT_TRIGGER', 'OBJECT_POLICY', 'OBJECT_RULE'])

const relations = new Set<ObjectType>([
  'OBJECT_FOREIGN_TABLE',
  'OBJECT_INDEX',
  'OBJECT_MATVIEW',
  'OBJECT_SEQUENCE',
  'OBJECT_VIEW',
])

/** CASCADE takes foreign keys and views with it; no rows of other tables. */
function dropTable(object: Node, at: Collector): void {
  const table = at.memory.relation(writtenAs(partsOf(object)))
  at.says(`drop table ${table.text}`)
  at.losesRows('all', table)
  at.locks('ACCESS EXCLUSIVE', table)
  at.memory.drop(table)
}

function dropRelation(parts: readonly string[], type: ObjectType, concurrent: boolean, at: Collector): void {
  const relation = at.memory.relation(writtenAs(parts))
  const isIndex = type === 'OBJECT_INDEX'
  const table = at.memory.indexedBy(relation)
  if (!concurrent && type !== 'OBJECT_SEQUENCE') {
    at.locks('ACCESS EXCLUSIVE', relation, isIndex)
    if (table !== undefined) at.locks('ACCESS EXCLUSIVE', table)
  }
  at.memory.drop(relation)
}

/** Without CASCADE, only an empty one. */
function dropSchema(name: string, cascades: boolean, at: Collector): void {
  at.says(`drop schema ${name}`)
  // Even a new one may have types that columns of old tables have been given.
  if (cascades)
    at.loses(
      at.memory.isNewSchema(name)
        ? `values of columns that depend on schema ${name}`
        : `all rows of tables in schema ${name}`,
    )
  at.memory.dropSchema(name)
}
