import type { Constraint, IndexStmt, Node } from 'libpg-query' with { 'resolution-mode': 'import' }

import { bodiesIn, bodyOf, stringsOf, textOf, writtenIn } from '../../../sql/postgres/nodes'
import { cannotGiveBack, clash, type Clash, clashOf, onlyColumn, shownValues } from '../../kept-errors'
import type { Queryable } from '../../queryable'
import type { KeepingStep, KeptEntry } from '../../roles/keeping'
import { sqlStateOf, violatedKey } from '../errors'
import { text } from '../literal'
import { quote } from '../names'
import { findHidden, type Hidden } from './hidden'
import { findTable, type TablePlace } from './places'
import { actionsOf, alterTableIn, type SentStatement, statementsIn } from './statements'

/** The columns of a constraint that is a unique key; undefined for any other constraint. */
export function keyOfConstraint({ contype, keys }: Constraint): readonly string[] | undefined {
  return contype === 'CONSTR_UNIQUE' || contype === 'CONSTR_PRIMARY' ? stringsOf(keys) : undefined
}

/** The columns of a unique index of all rows; undefined for any other index. */
export function keyOfIndex(index: IndexStmt | undefined): readonly string[] | undefined {
  if (index?.unique !== true || index.whereClause !== undefined) return undefined
  const names = (index.indexParams ?? []).map((one) => bodyOf(one, 'IndexElem')?.name)
  return names.every((name) => name !== undefined) ? names : undefined
}

/**
 * Refuses rows that share a value of a unique key, before a statement creates it.
 *
 * @throws AludelError `ALUDEL_GIVE_BACK`
 */
export async function refuseDuplicates(
  database: Queryable,
  revision: string,
  table: TablePlace,
  columns: readonly string[],
): Promise<void> {
  if (columns.length === 0) return
  const values = columns.map((name) => ({ sql: quote(name) }))
  const found = await clashIn(database, table, columns, values)
  if (found === undefined) return
  throw cannotGiveBack({ revision, table: table.name, column: onlyColumn(columns), ...clash(found) })
}

async function clashIn(
  database: Queryable,
  table: TablePlace,
  columns: readonly string[],
  values: readonly { readonly sql: string }[],
): Promise<Clash | undefined> {
  const names = values.map((_value, at) => `v${String(at)}`)
  const rows = (await database.query(
    `SELECT min(concat_ws(', ', ${names.map((name) => `${name}::text`).join(', ')})) AS value, count(*)::float8 AS n
     FROM (SELECT ${values.map(({ sql }, at) => `${sql} AS v${String(at)}`).join(', ')} FROM ${table.sql}) AS live
     WHERE ${names.map((name) => `${name} IS NOT NULL`).join(' AND ')} GROUP BY ${names.join(', ')} HAVING count(*) > 1 ORDER BY 1 LIMIT ${String(shownValues)}`,
  )) as { value: string; n: number }[]
  return rows.length === 0 ? undefined : clashOf(table.name, columns, rows)
}

/**
 * Rows that will share a value of a unique key which the downgrade creates, as far as its statements show that. Changes nothing.
 *
 * @param hidden where the values of the entry are
 * @param entries all that the step gives back
 */
export async function foreseeClash(
  database: Queryable,
  { statements }: KeepingStep,
  { entry, hidden }: { readonly entry: KeptEntry; readonly hidden: Hidden },
  entries: readonly KeptEntry[],
): Promise<Clash | undefined> {
  if (statements?.some((sql) => /\bunique\b|\bprimary\s+key\b/i.test(sql)) !== true) return undefined
  const plan = new Plan()
  for (const sql of statements) for (const statement of (await statementsIn(sql)) ?? []) plan.read(statement)
  for (const { relation, columns } of plan.keys) {
    if (
      !columns.includes(entry.column ?? '') ||
      (await findTable(database, writtenIn(relation)))?.id !== hidden.table.id
    )
      continue
    const values: { readonly sql: string }[] = []
    for (const column of columns) {
      const sql = await valueOf(database, plan, hidden, entries, column)
      if (sql !== undefined) values.push({ sql })
    }
    if (values.length < columns.length) continue
    const found = await clashIn(database, hidden.table, columns, values)
    if (found !== undefined) return found
  }
  return undefined
}

/** SQL: the value that a column will have; undefined if it is not known. Kept values are compared as texts: a cast might fail. */
async function valueOf(
  database: Queryable,
  plan: Plan,
  { table, columns }: Hidden,
  entries: readonly KeptEntry[],
  name: string,
): Promise<string | undefined> {
  const entry = entries.find((one) => one.kind === 'column' && one.column === name)
  const there = entry === undefined ? undefined : await findHidden(database, entry)
  if (there !== undefined && there.table.id === table.id) {
    const otherwise = plan.defaultOf(name)
    if (otherwise === undefined) return undefined
    return `CASE WHEN ${there.since} THEN ${otherwise} ELSE ${quote(there.column.name)}::text END`
  }
  return plan.leaves(name) && columns.some((one) => one.name === name) ? quote(name) : undefined
}

/** What the statements of a downgrade show about unique keys. */
class Plan {
  readonly keys: { readonly relation: IndexStmt['relation']; readonly columns: readonly string[] }[] = []
  readonly #added = new Map<string, string | undefined>()
  /** Columns that statements fill or rename. */
  readonly #unknown = new Set<string>()

  read({ node }: SentStatement): void {
    const alter = alterTableIn({ node, sql: '' })
    for (const { subtype, def } of actionsOf(alter)) {
      const constraint = subtype === 'AT_AddConstraint' ? bodyOf(def, 'Constraint') : undefined
      const columns = constraint === undefined ? undefined : keyOfConstraint(constraint)
      if (columns !== undefined && columns.length > 0) this.keys.push({ relation: alter?.relation, columns })
      const column = subtype === 'AT_AddColumn' ? bodyOf(def, 'ColumnDef') : undefined
      if (column === undefined) continue
      const { colname: name = '', constraints } = column
      const inline = bodiesIn(constraints, 'Constraint')
      this.#added.set(name, defaultIn(inline))
      if (inline.some((one) => keyOfConstraint(one) !== undefined))
        this.keys.push({ relation: alter?.relation, columns: [name] })
    }
    const index = bodyOf(node, 'IndexStmt')
    const columns = keyOfIndex(index)
    if (columns !== undefined) this.keys.push({ relation: index?.relation, columns })
    const { subname, newname } = bodyOf(node, 'RenameStmt') ?? {}
    for (const name of [subname, newname]) if (name !== undefined) this.#unknown.add(name)
    for (const { name } of bodiesIn(bodyOf(node, 'UpdateStmt')?.targetList, 'ResTarget'))
      if (name !== undefined) this.#unknown.add(name)
  }

  /** Whether a column that is there now stays as it is. */
  leaves(column: string): boolean {
    return !this.#unknown.has(column) && !this.#added.has(column)
  }

  /** SQL: what rows get that were inserted since; undefined if no statement adds the column, or if that is not known. */
  defaultOf(column: string): string | undefined {
    return this.#unknown.has(column) ? undefined : this.#added.get(column)
  }
}

/** SQL: the text of a constant default; undefined if the server computes it. */
function defaultIn(constraints: readonly Constraint[]): string | undefined {
  const found = constraints.find(({ contype }) => contype === 'CONSTR_DEFAULT')
  if (found !== undefined) {
    const constant = textOf(withoutCast(found.raw_expr))
    return constant === null ? undefined : text(constant)
  }
  const isComputed = constraints.some(({ contype }) => contype === 'CONSTR_IDENTITY' || contype === 'CONSTR_GENERATED')
  return isComputed ? undefined : 'NULL'
}

function withoutCast(node: Node | undefined): Node | undefined {
  const cast = bodyOf(node, 'TypeCast')
  return cast === undefined ? node : cast.arg
}

/** The error for a statement of a downgrade that a unique key with something that is given back has refused. */
export function clashAfter(error: unknown, revision: string, entries: readonly KeptEntry[]): unknown {
  const key = sqlStateOf(error) === '23505' ? violatedKey(error) : undefined
  if (key === undefined) return undefined
  const { table, columns, value } = key
  const isKept = entries.some(
    (entry) => entry.table === table && (entry.column === null || columns.includes(entry.column)),
  )
  if (!isKept) return undefined
  // The server names one of them.
  const found = clashOf(table, columns, [{ value, n: 2 }])
  return cannotGiveBack({ revision, table, column: onlyColumn(columns), ...clash(found), cause: error })
}
