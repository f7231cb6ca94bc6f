import type { Node, VariableSetStmt } from 'libpg-query' with { 'resolution-mode': 'import' }

import { lockModes } from '../effects'
import { shortSql } from '../text'
import type { Collector } from './collector'
import { isOn, optionsOf, textOf } from './nodes'
import { readQuery } from './queries'
import type { Handlers } from './statement'

/** Statements for the session and its transaction, and statements that run code that is not in the text. */
export const sessionStatements: Handlers = {
  VariableSetStmt(body, at) {
    session(at, body.name === undefined ? 'set' : `set ${body.name}`)
    setSearchPath(body, at)
  },
  VariableShowStmt({ name }, at) {
    at.is('reads')
    at.does(`show ${name ?? 'all'}`)
  },
  TransactionStmt({ kind }, at) {
    switch (kind) {
      case 'TRANS_STMT_BEGIN':
      case 'TRANS_STMT_START':
        return session(at, 'begin')
      case 'TRANS_STMT_SAVEPOINT':
        return session(at, 'savepoint')
      case 'TRANS_STMT_RELEASE':
        return session(at, 'release savepoint')
      case 'TRANS_STMT_COMMIT':
        at.memory.endTransaction()
        return session(at, 'commit')
      case 'TRANS_STMT_ROLLBACK':
      case 'TRANS_STMT_ROLLBACK_TO':
      case 'TRANS_STMT_PREPARE':
        // What the plan has created in the transaction may no longer exist.
        at.memory.endTransaction()
        at.memory.forget()
        return session(at, kind === 'TRANS_STMT_PREPARE' ? 'prepare transaction' : 'rollback')
      default:
        at.does(kind === 'TRANS_STMT_COMMIT_PREPARED' ? 'commit prepared' : 'rollback prepared')
        at.doesUnknown('ends a prepared transaction whose statements are not known')
    }
  },
  ConstraintsSetStmt: (_, at) => session(at, 'set constraints'),
  ListenStmt: (_, at) => session(at, 'listen'),
  UnlistenStmt: (_, at) => session(at, 'unlisten'),
  NotifyStmt: (_, at) => session(at, 'notify'),
  // The library was installed by the server's administrator, as those of extensions were.
  LoadStmt: (_, at) => session(at, 'load'),
  DeallocateStmt({ name }, at) {
    session(at, 'deallocate')
    if (name === undefined) at.memory.prepared.clear()
    else at.memory.prepared.delete(name)
  },
  ClosePortalStmt: (_, at) => session(at, 'close'),
  // The query was read when the cursor was declared.
  FetchStmt: ({ ismove }, at) => session(at, ismove === true ? 'move' : 'fetch'),
  DiscardStmt({ target }, at) {
    session(at, 'discard')
    if (target === 'DISCARD_ALL') {
      at.memory.setPath(undefined)
      at.memory.prepared.clear()
    }
    if (target === 'DISCARD_ALL' || target === 'DISCARD_TEMP') at.memory.dropSchema('pg_temp')
  },
  LockStmt({ relations, mode }, at) {
    session(at, 'lock')
    const level = lockModes[(mode ?? 0) - 1] ?? 'ACCESS EXCLUSIVE'
    for (const table of at.relationsIn(relations)) at.locks(level, table)
  },
  DeclareCursorStmt({ query }, at) {
    session(at, 'declare cursor')
    readQuery(query, at)
  },
  PrepareStmt({ name = '', query }, at) {
    session(at, `prepare ${name}`)
    if (query !== undefined) at.memory.prepared.set(name, query)
  },
  ExecuteStmt({ name = '', params }, at, again) {
    const prepared = at.memory.prepared.get(name)
    readQuery(params, at)
    if (prepared !== undefined) return again(prepared)
    at.does(`execute ${name}`)
    at.doesUnknown(`executes a prepared statement that is not known: ${name}`)
  },
  ExplainStmt({ query, options }, at, again) {
    if (isOn(optionsOf(options), 'analyze')) return again(query)
    at.is('reads')
    at.does('explain')
  },
  DoStmt({ args }, at) {
    const code = optionsOf(args).get('as') ?? ''
    at.does('do')
    at.doesUnknown(`runs code that cannot be read: DO $$${shortSql(code, 40)}`)
  },
  CallStmt({ funccall }, at) {
    const name = (funccall?.funcname ?? []).flatMap((node) => textOf(node) ?? []).join('.')
    at.does(`call ${name}`)
    at.doesUnknown(`calls a procedure that is not known: ${name}()`)
  },
}

function session(at: Collector, does: string): void {
  at.is('session')
  at.does(does)
}

function setSearchPath({ kind, name, args, is_local: isLocal }: VariableSetStmt, at: Collector): void {
  if (kind === 'VAR_RESET_ALL') at.memory.setPath(undefined)
  if (name?.toLowerCase() !== 'search_path') return
  const schemas = (args ?? []).flatMap((node: Node) => textOf(node) ?? [])
  if (kind !== 'VAR_SET_VALUE' || isLocal === true || schemas.length !== (args ?? []).length) {
    if (isLocal !== true && (kind === 'VAR_RESET' || kind === 'VAR_SET_DEFAULT')) at.memory.setPath(undefined)
    else at.memory.losePath(kind !== 'VAR_SET_VALUE' || schemas.includes('pg_catalog'))
  } else at.memory.setPath(schemas)
}
