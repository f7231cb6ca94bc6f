import { createHash } from 'node:crypto'

import type { DataSource, QueryRunner } from 'typeorm'

import type { Queryable } from '../../queryable'
import { sqlStateOf } from '../errors'

/** `invalid_sql_statement_name`: the session was emptied. */
const noPlan = '26000'
/** `duplicate_prepared_statement`: another query runner had the session before, and prepared the same statement. */
const hasPlan = '42P05'

const ownDatabases = new WeakSet<DataSource>()
/** Names of the plans that the session of a query runner keeps. */
const kept = new WeakMap<QueryRunner, Set<string>>()

/** Makes the sessions of this DataSource keep the plans of repeated statements. */
export function keepPlans(dataSource: DataSource): void {
  ownDatabases.add(dataSource)
}

/**
 * Runs a long statement without parameters that the same session sends several times. Planning it takes the server ten
 * times as long as running it, so in a scratch database it is prepared once. Elsewhere nothing is left in a session, which
 * may belong to the application or to a pooler.
 */
export async function queryWithKeptPlan(database: Queryable, statement: string): Promise<unknown> {
  const runner = ownRunner(database)
  if (runner === undefined || runner.isTransactionActive) return database.query(statement)
  const names = kept.get(runner) ?? new Set<string>()
  kept.set(runner, names)
  const name = planName(statement)
  try {
    if (!names.has(name)) await prepare(runner, name, statement)
    names.add(name)
    return await runner.query(`EXECUTE ${name}`)
  } catch (error) {
    if (sqlStateOf(error) !== noPlan) throw error
    names.delete(name)
    return database.query(statement)
  }
}

async function prepare(runner: QueryRunner, name: string, statement: string): Promise<void> {
  try {
    await runner.query(`PREPARE ${name} AS ${statement}`)
  } catch (error) {
    if (sqlStateOf(error) !== hasPlan) throw error
  }
}

/** A name that only this statement has, also when another query runner has prepared it. */
function planName(statement: string): string {
  return `aludel_${createHash('sha256').update(statement).digest('hex').slice(0, 16)}`
}

function ownRunner(database: Queryable): QueryRunner | undefined {
  const { connection } = database as Partial<QueryRunner>
  return connection !== undefined && ownDatabases.has(connection) ? (database as QueryRunner) : undefined
}
