import { bodiesIn, isOn, optionsOf } from './nodes'
import { readQuery } from './queries'
import type { Handlers } from './statement'

/** Statements that reorganize files and change no row. For those that affect a whole database, no table is reported. */
export const maintenance: Handlers = {
  VacuumStmt({ options, rels, is_vacuumcmd: isVacuum }, at) {
    const isFull = isOn(optionsOf(options), 'full')
    const tables = bodiesIn(rels, 'VacuumRelation').map(({ relation }) => at.relation(relation))
    at.does([isVacuum === true ? 'vacuum' : 'analyze', tables.map(({ text }) => text).join(', ')].join(' ').trim())
    if (!isFull) return
    for (const table of tables) {
      at.locks('ACCESS EXCLUSIVE', table)
      at.rewrites(table)
    }
  },
  ClusterStmt({ relation }, at) {
    if (relation === undefined) return at.does('cluster')
    const table = at.relation(relation)
    at.does(`cluster ${table.text}`)
    at.locks('ACCESS EXCLUSIVE', table)
    at.rewrites(table)
  },
  ReindexStmt({ kind, relation, name, params }, at) {
    if (relation === undefined) return at.does(`reindex ${name ?? ''}`.trim())
    const isIndex = kind === 'REINDEX_OBJECT_INDEX'
    const named = at.relation(relation)
    at.does(`reindex ${named.text}`)
    if (isOn(optionsOf(params), 'concurrently')) return
    at.locks(isIndex ? 'ACCESS EXCLUSIVE' : 'SHARE', named, isIndex)
    const table = at.memory.of(named).indexed
    if (table !== undefined) at.locks('SHARE', table)
  },
  RefreshMatViewStmt({ relation, concurrent }, at) {
    const view = at.relation(relation)
    at.does(`refresh materialized view ${view.text}`)
    at.locks(concurrent === true ? 'EXCLUSIVE' : 'ACCESS EXCLUSIVE', view)
    if (concurrent !== true) at.rewrites(view)
  },
  CheckPointStmt: (_, at) => at.does('checkpoint'),
}

/** COPY, queries and changes of rows: each reports whether it reads or writes. */
export const rowStatements: Handlers = {
  CopyStmt({ relation, query, is_from: isFrom, is_program: isProgram, filename, whereClause }, at) {
    const name = relation === undefined ? 'a query' : at.relation(relation).text
    at.is(isFrom === true ? 'writes' : 'reads')
    at.does(`copy ${isFrom === true ? 'into' : 'from'} ${name}`)
    readQuery(query, at)
    readQuery(whereClause, at)
    if (isProgram === true) at.doesUnknown(`runs a program on the server: ${filename ?? ''}`)
    else if (isFrom !== true && filename !== undefined) {
      at.is('writes')
      at.loses(`the file ${filename} on the server`)
    }
  },
  SelectStmt(body, at) {
    at.is('reads')
    const before = at.descriptions
    readQuery({ SelectStmt: body }, at)
    if (at.descriptions === before) at.does('select')
  },
  InsertStmt: (body, at) => readQuery({ InsertStmt: body }, at),
  UpdateStmt: (body, at) => readQuery({ UpdateStmt: body }, at),
  DeleteStmt: (body, at) => readQuery({ DeleteStmt: body }, at),
  MergeStmt: (body, at) => readQuery({ MergeStmt: body }, at),
}
