import type { QueryRunner } from 'typeorm'

import { postgres } from '../../../src/dialect/postgres'
import type { KeepingSession, KeepingStep, KeptEntry } from '../../../src/dialect/roles/keeping'
import type { StatementWatch } from '../../../src/dialect/roles/running'
import { Registry } from '../../../src/kept/registry'
import { lossIn } from '../../../src/sql/effects'
import { loadPostgresEffects } from '../../../src/sql/postgres/effects'

const { keeping } = postgres
let revisions = 0

/** A revision that keeps what it drops, run in both directions as a run does it. */
export class KeptRevision {
  readonly warnings: string[] = []
  readonly #registry: Registry
  readonly #revision: KeepingStep['revision']

  constructor(
    readonly runner: QueryRunner,
    readonly statements: { readonly up: readonly string[]; readonly down: readonly string[] },
    /** The losses in the file of a revision that the tool wrote. */
    readonly recorded?: readonly { readonly text: string; readonly table: string }[],
  ) {
    revisions += 1
    this.#revision = {
      id: `revision${String(revisions)}`,
      name: `Revision${String(1700000000000 + revisions)}`,
      message: '',
    }
    this.#registry = new Registry(postgres, runner)
  }

  async entries(): Promise<readonly KeptEntry[]> {
    return (await this.#registry.read('migrations')).filter(({ name }) => name === this.#revision.name)
  }

  async step(direction: 'up' | 'down'): Promise<KeepingStep> {
    const statements = this.statements[direction]
    const reader = (await loadPostgresEffects())(() => undefined)
    const losses =
      this.recorded?.map(({ text, table }) => lossIn(text, table)) ??
      statements.flatMap((sql) => reader.read(sql).destroys)
    return { revision: this.#revision, statements, losses, isRecorded: this.recorded !== undefined }
  }

  async up(): Promise<void> {
    await this.#run(keeping.setAside(this.#session(), await this.step('up')), this.statements.up)
  }

  async down(): Promise<void> {
    const watch = keeping.giveBack(this.#session(), await this.step('down'), await this.entries())
    await this.#run(watch, this.statements.down)
  }

  async prune(): Promise<void> {
    for (const entry of await this.entries()) {
      await keeping.discard(this.runner, entry)
      await this.#registry.remove(entry.id)
    }
  }

  #session(): KeepingSession {
    const { id, name } = this.#revision
    return {
      database: this.runner,
      shelf: this.#registry.shelf({ revision: id, name, keptAt: new Date(), toolVersion: '0', history: 'migrations' }),
      warn: (message) => this.warnings.push(message),
      progress: () => undefined,
    }
  }

  async #run(watch: StatementWatch, statements: readonly string[]): Promise<void> {
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
