import type { Constraint, Node, RangeVar } from 'libpg-query' with { 'resolution-mode': 'import' }

import type { Collector } from './collector'
import { writtenIn } from './nodes'
import { readQuery } from './queries'
import type { Handlers } from './statement'

/** CREATE of tables, views and indexes. It stores defaults, checks and the queries of views without executing them. */
export const creations: Handlers = {
  CreateStmt(body, at) {
    const { relation, tableElts, inhRelations, partbound, oncommit, if_not_exists: isOptional } = body
    const table = at.memory.target(writtenIn(relation))
    at.does(`create table ${table.text}`)
    readQuery(partbound, at)
    for (const { pktable } of constraintsIn(tableElts)) {
      if (pktable !== undefined) at.locks('SHARE ROW EXCLUSIVE', at.relation(pktable))
    }
    const parents = at.relationsIn(inhRelations)
    if (partbound !== undefined) for (const parent of parents) at.locks('ACCESS EXCLUSIVE', parent)
    if (oncommit === 'ONCOMMIT_DROP') return at.memory.createFleeting(table.name)
    if (isOptional !== true) at.creates(table)
    const ownRows = partbound === undefined || parents.every((parent) => at.memory.of(parent).ownRows)
    at.memory.create(table, { ownRows, isCertain: isOptional !== true })
  },
  CreateForeignTableStmt({ base }, at) {
    const table = at.memory.target(writtenIn(base?.relation))
    at.does(`create foreign table ${table.text}`)
    if (base?.if_not_exists !== true) at.creates(table)
    at.memory.create(table, { ownRows: false, isCertain: base?.if_not_exists !== true })
  },
  CreateTableAsStmt({ query, into, objtype, if_not_exists: isOptional }, at, again) {
    const table = at.memory.target(writtenIn(into?.rel))
    const isView = objtype === 'OBJECT_MATVIEW'
    at.does(`create ${isView ? 'materialized view' : 'table'} ${table.text}`)
    if (query !== undefined && 'ExecuteStmt' in query) again(query)
    else readQuery(query, at)
    if (into?.onCommit === 'ONCOMMIT_DROP') return at.memory.createFleeting(table.name)
    if (!isView && isOptional !== true) at.creates(table)
    at.memory.create(table, { ownRows: !isView, isCertain: isOptional !== true })
  },
  ViewStmt({ view, replace }, at) {
    const relation = at.memory.target(writtenIn(view))
    at.does(`create view ${relation.text}`)
    if (replace === true) at.locks('ACCESS EXCLUSIVE', relation)
    at.memory.create(relation, { ownRows: false, isCertain: replace !== true })
  },
  IndexStmt({ idxname, relation, concurrent, if_not_exists: isOptional }, at) {
    const table = at.relation(relation)
    at.does(`create index ${idxname === undefined ? '' : `${idxname} `}on ${table.text}`)
    // The server accepts only IMMUTABLE functions in it.
    if (concurrent !== true) at.locks('SHARE', table)
    if (idxname === undefined) return
    const index = { ...table, name: idxname, key: `${table.schema}\0${idxname}` }
    at.memory.create(index, { ownRows: false, isCertain: isOptional !== true, indexed: table })
  },
  CreateTrigStmt({ trigname, relation, replace }, at) {
    on(`${replace === true ? 'replace' : 'create'} trigger ${trigname ?? ''}`, 'SHARE ROW EXCLUSIVE', relation, at)
  },
  CreatePolicyStmt: ({ policy_name: name, table }, at) =>
    on(`create policy ${name ?? ''}`, 'ACCESS EXCLUSIVE', table, at),
  AlterPolicyStmt: ({ policy_name: name, table }, at) =>
    on(`alter policy ${name ?? ''}`, 'ACCESS EXCLUSIVE', table, at),
  RuleStmt: ({ rulename, relation }, at) => on(`create rule ${rulename ?? ''}`, 'ACCESS EXCLUSIVE', relation, at),
  CreateSchemaStmt({ schemaname, authrole, schemaElts, if_not_exists: isOptional }, at, again) {
    const name = schemaname ?? authrole?.rolename ?? ''
    at.does(`create schema ${name}`)
    at.memory.createSchema(name, isOptional !== true)
    at.memory.within(name, () => schemaElts?.forEach(again))
  },
}

function on(
  does: string,
  level: 'ACCESS EXCLUSIVE' | 'SHARE ROW EXCLUSIVE',
  relation: RangeVar | undefined,
  at: Collector,
): void {
  const table = at.relation(relation)
  at.does(`${does} on ${table.text}`)
  at.locks(level, table)
}

/** Constraints of a table and of its columns. */
export function constraintsIn(elements: readonly Node[] | undefined): readonly Constraint[] {
  return (elements ?? []).flatMap((node) => {
    if ('Constraint' in node) return [node.Constraint]
    return 'ColumnDef' in node ? constraintsIn(node.ColumnDef.constraints) : []
  })
}
