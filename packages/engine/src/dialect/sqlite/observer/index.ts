import type { QueryRunner } from 'typeorm'

import type { UnmanagedKind } from '../../../schema/unmanaged'
import type { ObservedObject, Observer, ObserverOptions } from '../../roles/observer'
import { readTable } from './table'
import { textOf, type Token, tokensOf } from './tokens'
import { withoutOrder } from './clauses'

/** Observes databases by the statements that SQLite itself keeps. */
export function openObserver(_queryRunner: QueryRunner, { ignoreTables }: ObserverOptions): Promise<Observer> {
  const ignored = new Set(ignoreTables.map((name) => name.toLowerCase()))
  const observe = async (queryRunner: QueryRunner): Promise<readonly ObservedObject[]> => {
    // An index without a statement belongs to a constraint.
    const rows = (await queryRunner.query(
      `SELECT type, name, tbl_name AS owner, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'`,
    )) as readonly StoredStatement[]
    return rows.filter(({ owner }) => !ignored.has(owner.toLowerCase())).flatMap(objectsOf)
  }
  return Promise.resolve({ by: 'sqlite_master', observe })
}

/** A row of https://www.sqlite.org/schematab.html */
export interface StoredStatement {
  readonly type: string
  readonly name: string
  readonly owner: string
  readonly sql: string
}

/** The objects that one statement makes: a table, its columns and constraints; an index, a view, a trigger. */
export function objectsOf({ type, name, owner, sql }: StoredStatement): readonly ObservedObject[] {
  const tokens = tokensOf(sql)
  const kind = kinds[type]
  if (kind === 'table') return readTable(name, tokens)
  const text = textOf(tokens)
  if (kind !== 'index') {
    // Entities declare no triggers.
    const declared = kind === 'view' ? text : null
    return [{ kind, name, text, declared, ...(kind === 'trigger' && { table: { name: owner } }) }]
  }
  const one = withoutOrder(text)
  const at = tokens.findIndex(({ text, word }) => word && text === 'index')
  const nameless = withoutOrder(textOf(tokens.filter((_: Token, index) => index !== at + 1)))
  return [{ kind, table: { name: owner }, name, text: one, declared: one, nameless }]
}

const kinds: Readonly<Partial<Record<string, UnmanagedKind>>> = {
  table: 'table',
  index: 'index',
  view: 'view',
  trigger: 'trigger',
}
