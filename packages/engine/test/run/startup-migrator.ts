import type { DataSource, QueryRunner } from 'typeorm'

import type { Dialect } from '../../src/dialect/dialect'
import { History } from '../../src/history/history'
import type { LockedDatabase, MatchResult, StartupMigrator, StartupState } from '../../src/run/startup'
import { openDatabase, tableNames, type TestDatabase } from './databases'
import { planOf, run, type TestRevision } from './revisions'

/** What `bringUpToDate` works with, on a real database, with a line of revisions in memory. */
export class TestMigrator implements StartupMigrator {
  /** Queries that `readState` has sent. */
  queries = 0
  /** What was called under the lock. */
  readonly calls: string[] = []

  readonly #history: History

  constructor(
    readonly database: TestDatabase,
    readonly revisions: readonly TestRevision[],
    readonly dataSource: DataSource = database.dataSource,
  ) {
    this.#history = History.of(database.dialect, dataSource)
  }

  get dialectName(): Dialect['name'] {
    return this.database.dialect.name
  }

  readState(): Promise<StartupState> {
    return this.#state(this.dataSource)
  }

  async whileLocked<Result>(work: (database: LockedDatabase) => Promise<Result>): Promise<Result> {
    const queryRunner = this.dataSource.createQueryRunner()
    const lock = await this.database.dialect.lock(queryRunner, { key: this.#history.table, timeoutMs: 300_000 })
    this.calls.push('lock')
    try {
      return await work(this.#locked(queryRunner, lock))
    } finally {
      await lock.release()
      await queryRunner.release()
    }
  }

  #locked(queryRunner: QueryRunner, lock: Awaited<ReturnType<Dialect['lock']>>): LockedDatabase {
    return {
      readState: () => this.#state(queryRunner),
      isEmpty: async () => (await tableNames(this.database)).length === 0,
      upgradeToHead: async (mode) => {
        this.calls.push(`upgrade ${mode}`)
        const { outcome } = await run(
          { dialect: this.database.dialect, dataSource: this.dataSource, queryRunner },
          this.revisions,
          {
            mode,
            lock,
          },
        )
        return outcome.steps.map((step) => step.revision)
      },
      findMatchingRevision: () => this.#match(),
      stamp: async (target) => {
        this.calls.push(`stamp ${target}`)
        await this.#history.ensure(queryRunner)
        const end = this.revisions.findIndex((one) => one.revision.id === target)
        for (const { revision } of this.revisions.slice(0, end === -1 ? undefined : end + 1)) {
          await this.#history.record(queryRunner, revision)
        }
      },
      createFromEntities: async () => {
        this.calls.push('create')
        await this.dataSource.synchronize()
      },
    }
  }

  async #state(queryable: Pick<DataSource, 'query'> | QueryRunner): Promise<StartupState> {
    const rows = await this.#history.read({
      query: (sql, parameters) => {
        this.queries += 1
        return queryable.query(sql, parameters)
      },
    })
    const names = new Set(rows.map((row) => row.name))
    const ids = (wanted: boolean): string[] =>
      this.revisions.filter((one) => names.has(one.revision.name) === wanted).map((one) => one.revision.id)
    return {
      applied: ids(true),
      current: planOf('upgrade', this.revisions, rows).from,
      heads: this.revisions.slice(-1).map((one) => one.revision.id),
      pending: ids(false),
      unknown: [...names].filter((name) => !this.revisions.some((one) => one.revision.name === name)),
    }
  }

  /** Replays the revisions elsewhere and compares tables and columns after each. */
  async #match(): Promise<MatchResult> {
    const live = await columns(this.database)
    const shadow = await openDatabase(this.dialectName)
    try {
      let best: MatchResult = { differences: [] }
      for (let count = 1; count <= this.revisions.length; count += 1) {
        await run(shadow, this.revisions.slice(0, count))
        const wanted = await columns(shadow)
        const id = this.revisions[count - 1]?.revision.id ?? ''
        const differences = [
          ...wanted.filter((column) => !live.includes(column)).map((column) => `${column} is missing`),
          ...live.filter((column) => !wanted.includes(column)).map((column) => `${column} is in no revision`),
        ]
        if (differences.length === 0) return { revision: id }
        best = { differences }
      }
      return best
    } finally {
      await shadow.drop()
    }
  }
}

async function columns(database: TestDatabase): Promise<string[]> {
  const result: string[] = []
  for (const table of await tableNames(database)) {
    const found = await database.dataSource.createQueryRunner().getTable(table)
    result.push(...(found?.columns ?? []).map((column) => `${table}.${column.name} ${column.type}`))
  }
  return result.sort()
}
