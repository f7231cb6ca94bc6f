import type { ColumnDef, Constraint } from 'libpg-query' with { 'resolution-mode': 'import' }

import { violationText } from '../../../difference/needs'
import { codeTokens, wordOf } from '../../../sql/lexer'
import { bodiesIn, bodyOf, stringsOf } from '../../../sql/postgres/nodes'
import { text } from '../literal'
import { actionsOf, alterTableIn, replaceBytes, type SentStatement, statementsIn } from './statements'

/** A column that a statement adds. */
export interface AddedColumn {
  readonly name: string
  /** NOT NULL, or a primary key. */
  readonly notNull: boolean
  /** The server gives every row a value: by a default, a sequence, an expression. */
  readonly isFilled: boolean
  /** Places in the text, in bytes, of what rows without a value would violate. */
  readonly demands: readonly Demand[]
}

/** A constraint of a column. */
export interface Demand {
  readonly start: number
  readonly end: number
  readonly kind: 'not null' | 'primary key' | 'unique'
  readonly name: string | undefined
}

const serial = /^(?:small|big)?serial[248]?$/
const filling = new Set<Constraint['contype']>(['CONSTR_DEFAULT', 'CONSTR_IDENTITY', 'CONSTR_GENERATED'])

/** The columns that ALTER TABLE adds. */
export function addedColumns(statement: SentStatement): readonly AddedColumn[] {
  return actionsOf(alterTableIn(statement)).flatMap(({ subtype, def }) => {
    const column = subtype === 'AT_AddColumn' ? bodyOf(def, 'ColumnDef') : undefined
    return column === undefined ? [] : [addedColumn(statement.sql, column)]
  })
}

function addedColumn(sql: string, { colname: name = '', constraints, typeName }: ColumnDef): AddedColumn {
  const list = bodiesIn(constraints, 'Constraint')
  const demands = list.flatMap((one) => demandOf(sql, one) ?? [])
  return {
    name,
    notNull: demands.some(({ kind }) => kind !== 'unique'),
    isFilled: list.some(({ contype }) => filling.has(contype)) || serial.test(stringsOf(typeName?.names).at(-1) ?? ''),
    demands,
  }
}

const demandKinds: Readonly<Partial<Record<NonNullable<Constraint['contype']>, Demand['kind']>>> = {
  CONSTR_NOTNULL: 'not null',
  CONSTR_PRIMARY: 'primary key',
  CONSTR_UNIQUE: 'unique',
}

/** Words with which a unique key goes on: such a one is left where it is. */
const continuations = new Set(['DEFERRABLE', 'INITIALLY', 'NULLS', 'USING', 'WITH'])

function demandOf(sql: string, { contype, conname, location: start }: Constraint): Demand | undefined {
  const kind = contype === undefined ? undefined : demandKinds[contype]
  if (kind === undefined || start === undefined) return undefined
  const rest = Buffer.from(sql).subarray(start).toString()
  const tokens = [...codeTokens(rest, 'postgres')]
  const at = tokens.findIndex((token) => ['NULL', 'KEY', 'UNIQUE'].includes(wordOf(token) ?? ''))
  const end = tokens[at]?.end ?? 0
  if (kind === 'unique' && continuations.has(wordOf(tokens[at + 1]) ?? '')) return undefined
  return { start, end: start + Buffer.byteLength(rest.slice(0, end)), kind, name: conname }
}

/** The statement without what it demands of columns that get their values only after it. */
export function withoutDemands(sql: string, demands: readonly Demand[]): string {
  return replaceBytes(
    sql,
    demands.map(({ start, end }) => ({ start, end, by: '' })),
  )
}

/**
 * Whether rows that were inserted since get no value from the downgrade, although it makes the column NOT NULL. False if its
 * statements are known only when it runs: the database refuses them if need be.
 */
export async function leavesEmpty(statements: readonly string[] | null, column: string): Promise<boolean> {
  if (statements === null) return false
  let demands = false
  for (const sql of statements) {
    if (!sql.includes(column)) continue
    for (const statement of (await statementsIn(sql)) ?? []) {
      const added = addedColumns(statement).find(({ name }) => name === column)
      if (added?.isFilled === true || bodyOf(statement.node, 'UpdateStmt') !== undefined) return false
      const sets = actionsOf(alterTableIn(statement)).some(
        ({ subtype, name }) => subtype === 'AT_SetNotNull' && name === column,
      )
      demands ||= sets || added?.notNull === true
    }
  }
  return demands
}

/**
 * A guard of a revision stops it if the table has rows, because its new column is NOT NULL and has no default. Where the rows get
 * their values back, and others were counted, it must let them pass.
 */
export function withoutGuard(sql: string, table: string, column: string): string {
  const message = violationText({ kind: 'noRows', table: { name: table }, column, flag: '' })
  const raised = `RAISE EXCEPTION ${text(`${message.replaceAll('%', '%%')}: %`)}`
  const at = sql.indexOf(raised)
  const condition = at === -1 ? -1 : sql.lastIndexOf('IF ', at)
  if (condition === -1) return sql
  return `${sql.slice(0, condition)}IF false THEN\n    ${sql.slice(at)}`
}
