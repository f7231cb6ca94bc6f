import Database from 'better-sqlite3'
import type { DataSource, QueryRunner } from 'typeorm'

import { driverType } from './dialect'

/** A statement of a revision. This database records these and does not execute them. */
const ofRevision = /^(?:RAISE|LOWER)\b/

/** An in-memory database that stores the tool's own tables and records all other statements. */
export class ThirdDatabase {
  /** Statements of revisions, in the order in which they were sent. */
  readonly recorded: string[] = []
  readonly #kept = new Database(':memory:')

  /** A DataSource with a driver that the engine does not know, reduced to the members that the engine uses. */
  dataSource(): DataSource {
    const createQueryRunner = (source: Source): QueryRunner => this.#queryRunner(source as unknown as DataSource)
    class Source {
      readonly driver = { createSchemaBuilder: () => ({}) }
      readonly entityMetadatas = []
      isInitialized = false
      constructor(readonly options: object) {}

      initialize(): Promise<this> {
        this.isInitialized = true
        return Promise.resolve(this)
      }

      destroy(): Promise<void> {
        this.isInitialized = false
        return Promise.resolve()
      }

      createQueryRunner(): QueryRunner {
        return createQueryRunner(this)
      }
    }
    return new Source({ type: driverType }) as unknown as DataSource
  }

  close(): void {
    this.#kept.close()
  }

  #queryRunner(connection: DataSource): QueryRunner {
    const runner = {
      connection,
      manager: { connection },
      data: {},
      isReleased: false,
      isTransactionActive: false,
      query: (sql: string, parameters?: readonly unknown[]) =>
        Promise.resolve().then(() => this.#query(sql, parameters)),
      startTransaction: () => this.#transaction(runner, 'BEGIN', true),
      commitTransaction: () => this.#transaction(runner, 'COMMIT', false),
      rollbackTransaction: () => this.#transaction(runner, 'ROLLBACK', false),
      connect: () => Promise.resolve(),
      release: () => Promise.resolve(void Object.assign(runner, { isReleased: true })),
    }
    return runner as unknown as QueryRunner
  }

  async #transaction(runner: { isTransactionActive: boolean }, sql: string, active: boolean): Promise<void> {
    await Promise.resolve(this.#kept.exec(sql))
    runner.isTransactionActive = active
  }

  #query(sql: string, parameters: readonly unknown[] = []): unknown[] {
    if (ofRevision.test(sql)) {
      this.recorded.push(sql)
      return []
    }
    const statement = this.#kept.prepare(sql)
    const named = Object.fromEntries(parameters.map((value, index) => [String(index + 1), value]))
    const bound = parameters.length === 0 ? [] : [named]
    if (statement.reader) return statement.all(...bound)
    statement.run(...bound)
    return []
  }
}
