import type { DataSource, QueryRunner } from 'typeorm'

import { keeping } from '../../../src/dialect/postgres/keep'
import type { KeepingSession, KeepingStep, Kept, KeptEntry, Shelf } from '../../../src/dialect/roles/keeping'
import type { StatementWatch } from '../../../src/dialect/roles/running'
import { lossIn } from '../../../src/sql/effects'
import { loadPostgresEffects } from '../../../src/sql/postgres/effects'

/** Entries of one revision, in memory; the registry exists in the database as soon as something is kept. */
class MemoryShelf implements Shelf {
  readonly entries = new Map<number, KeptEntry>()

  constructor(readonly runner: QueryRunner) {}

  async add(kept: Kept): Promise<KeptEntry> {
    for (const sql of keeping.createRegistry()) await this.runner.query(sql)
    const id = await keeping.nextId(this.runner)
    const meta = { revision: 'aaaa', name: 'A1700000000000', keptAt: new Date(), toolVersion: '0', history: 'migrations' }
    const entry: KeptEntry = { id, ...meta, ...kept }
    this.entries.set(id, entry)
    return entry
  }

  change(id: number, kept: Partial<Kept>): Promise<void> {
    const entry = this.entries.get(id)
    if (entry !== undefined) this.entries.set(id, { ...entry, ...kept })
    return Promise.resolve()
  }

  remove(id: number): Promise<void> {
    this.entries.delete(id)
    return Promise.resolve()
  }
}

/** What a revision keeps, and how it runs in both directions, as the run does it. */
export class KeptRevision {
  shelf: MemoryShelf
  readonly warnings: string[] = []

  constructor(
    readonly runner: QueryRunner,
    readonly statements: { readonly up: readonly string[]; readonly down: readonly string[] },
    readonly recorded?: readonly { readonly text: string; readonly table: string }[],
  ) {
    this.shelf = new MemoryShelf(runner)
  }

  get entries(): readonly KeptEntry[] {
    // As the registry stores them.
    return [...this.shelf.entries.values()].map((entry) => ({
      ...entry,
      definitions: JSON.parse(JSON.stringify(entry.definitions)) as KeptEntry['definitions'],
    }))
  }

  async step(direction: 'up' | 'down'): Promise<KeepingStep> {
    const statements = this.statements[direction]
    const reader = (await loadPostgresEffects())(() => undefined)
    const losses =
      this.recorded?.map(({ text, table }) => lossIn(text, table)) ??
      statements.flatMap((sql) => reader.read(sql).destroys)
    return {
      revision: { id: 'aaaa', name: 'A1700000000000', message: 'a' },
      statements,
      losses,
      isRecorded: this.recorded !== undefined,
    }
  }

  session(): KeepingSession {
    return {
      database: this.runner,
      shelf: this.shelf,
      warn: (message) => this.warnings.push(message),
      progress: () => undefined,
    }
  }

  async up(): Promise<void> {
    await this.run(keeping.setAside(this.session(), await this.step('up')), this.statements.up)
  }

  async down(): Promise<void> {
    await this.run(keeping.giveBack(this.session(), await this.step('down'), this.entries), this.statements.down)
  }

  async prune(): Promise<void> {
    for (const entry of this.entries) {
      await keeping.discard(this.runner, entry)
      await this.shelf.remove(entry.id)
    }
    for (const sql of keeping.dropRegistry()) await this.runner.query(sql)
  }

  async run(watch: StatementWatch, statements: readonly string[]): Promise<void> {
    const { runner } = this
    await runner.startTransaction()
    try {
      for (const sql of statements) {
        await watch.before(sql)
        await runner.query((await watch.instead?.(sql)) ?? sql)
        await watch.after?.(sql)
      }
      await watch.finish()
      await runner.query('SET CONSTRAINTS ALL IMMEDIATE')
      await runner.commitTransaction()
    } catch (error) {
      await runner.rollbackTransaction()
      throw error
    }
  }
}

export async function rowsIn(database: DataSource | QueryRunner, sql: string): Promise<unknown[]> {
  return (await database.query(sql)) as unknown[]
}
