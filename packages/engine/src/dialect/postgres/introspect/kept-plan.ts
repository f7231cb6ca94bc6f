import type { DataSource, QueryRunner } from 'typeorm'

import type { Queryable } from '../../dialect'
import { sqlStateOf } from '../errors'

/** `invalid_sql_statement_name`, `duplicate_prepared_statement`: the session is another one, or was emptied. */
const otherSession: ReadonlySet<unknown> = new Set(['26000', '42P05'])

const ownDatabases = new WeakSet<DataSource>()
const names = new WeakMap<QueryRunner, string>()
let count = 0

/** From here on the sessions of this DataSource keep the plan of what is read over and over. */
export function keepPlans(dataSource: DataSource): void {
  ownDatabases.add(dataSource)
}

/**
 * Runs a long statement without parameters that the same session sends several times. To plan it takes the server ten times as
 * long as to run it, so in a throw-away database it is prepared once. Elsewhere nothing is left in a session: it may be
 * somebody else's, or a pooler's.
 */
export async function queryWithKeptPlan(database: Queryable, statement: string): Promise<unknown> {
  const runner = ownRunner(database)
  if (runner === undefined || runner.isTransactionActive) return database.query(statement)
  try {
    const known = names.get(runner)
    const name = known ?? `aludel_plan_${String(process.pid)}_${String(count++)}`
    if (known === undefined) await runner.query(`PREPARE ${name} AS ${statement}`)
    names.set(runner, name)
    return await runner.query(`EXECUTE ${name}`)
  } catch (error) {
    if (!otherSession.has(sqlStateOf(error))) throw error
    names.delete(runner)
    return database.query(statement)
  }
}

function ownRunner(database: Queryable): QueryRunner | undefined {
  const { connection } = database as Partial<QueryRunner>
  return connection !== undefined && ownDatabases.has(connection) ? (database as QueryRunner) : undefined
}
