import { badFiles } from './bad-files.mjs'
import { requireSameSchema, requireThat } from './checks.mjs'
import { aludel, succeed } from './command.mjs'
import { fullBackup } from './disks.mjs'
import { keepAndGive, killKeeping } from './keeping.mjs'
import { killBackups, killRestores } from './kills.mjs'
import { first, second, third } from './project.mjs'
import { startWriter } from './writer-process.mjs'

/**
 * A database with all kinds of rows, and a project for it.
 *
 * @typedef {object} Drilled
 * @property {string} name for the report
 * @property {'sqlite' | 'postgres'} dialect
 * @property {string} folder of the project
 * @property {string} address the file, or the URL
 * @property {() => Promise<void>} fill
 * @property {(name?: string) => Promise<Fingerprint>} fingerprint all rows; of this database, or of one beside it
 * @property {() => Promise<string>} schema by a program that shares no code with Aludel
 * @property {(sql: string) => Promise<Record<string, unknown>[]>} query
 * @property {() => Promise<readonly string[]>} beside what restores have left
 * @property {(name: string) => boolean} isUnfinished
 * @property {(name: string) => Promise<void>} remove
 * @property {boolean} canRestoreWhileWriting whether others can be disconnected
 * @property {string} textColumn of `items`, which no revision drops
 * @property {() => Promise<boolean>} isInterrupted whether the process that was killed last has left a transaction to be rolled back
 * @property {() => Promise<void>} settle waits until the server has noticed the end of such a process: a COMMIT that it has received
 *   counts, although nobody waits for the answer
 * @property {() => Promise<number>} size bytes
 * @property {() => Promise<void>} close
 */

/** @typedef {Record<string, { rows: number, hash: string }>} Fingerprint */

/**
 * One line of the report.
 *
 * @typedef {object} Line
 * @property {string} database
 * @property {string} scenario
 * @property {number} runs
 * @property {number} kills
 * @property {number} left times that a killed process left something, which the next one removed
 * @property {number} lost rows that are missing or changed
 * @property {string} [problem]
 * @property {string} [skipped] why
 */

/** Tables that a writer changes, and marks of the drill itself. */
const moving = /\b(?:accounts|entries|marks)\b/

/** The drill on one database. */
export class Drill {
  /** @type {Line[]} */
  lines = []
  /** @type {Fingerprint} */
  expected = {}
  schema = ''
  id = ''
  /** Milliseconds; `start` of a command that does nothing with the database. */
  took = { start: 0, backup: 1000, restore: 1000, keep: 1000, giveBack: 1000 }

  /**
   * @param {Drilled} drilled
   * @param {object} options
   * @param {number} options.kills of backups, of restores, of upgrades that keep and of downgrades that give back
   * @param {() => number} options.random from 0 to 1
   * @param {(text: string) => void} options.say
   */
  constructor(drilled, { kills, random, say }) {
    this.drilled = drilled
    this.kills = kills
    this.random = random
    this.say = say
  }

  /**
   * Runs one part. An error in it is a line of the report.
   *
   * @param {string} scenario
   * @param {(line: Line) => Promise<void>} work
   */
  async #part(scenario, work) {
    this.say(`${this.drilled.name}: ${scenario}`)
    /** @type {Line} */
    const line = { database: this.drilled.name, scenario, runs: 0, kills: 0, left: 0, lost: 0 }
    try {
      await work(line)
    } catch (error) {
      line.problem = error instanceof Error ? error.message : String(error)
    }
    this.lines.push(line)
    this.say(`  ${line.problem ?? line.skipped ?? 'ok'}`)
  }

  async run() {
    const { folder } = this.drilled
    await succeed(folder, ['upgrade', first])
    await this.drilled.fill()
    this.expected = await this.drilled.fingerprint()
    this.schema = await this.drilled.schema()
    await this.#part('backup, destructive upgrade, restore', (line) => this.#thereAndBack(line))
    await this.#part('a failed upgrade, restored', (line) => this.#failedUpgrade(line))
    await this.#part('with a writer at work', (line) => this.#andBack(line, (own) => this.#withWriter(own)))
    await this.#part('what is dropped, kept and given back, with a writer at work', (line) =>
      this.#andBack(line, (own) => keepAndGive(this, own)),
    )
    await this.#part('damaged, truncated and foreign files', (line) => badFiles(this, line))
    await this.#part('kill -9 while backing up', (line) => killBackups(this, line))
    await this.#part('kill -9 while restoring', (line) => killRestores(this, line))
    await this.#part('kill -9 while keeping and giving back', (line) =>
      this.#andBack(line, (own) => killKeeping(this, own)),
    )
    await this.#part('a full disk while backing up', (line) => fullBackup(this, line))
    return this.lines
  }

  /**
   * Compares all rows with those at the beginning.
   *
   * @param {Line} line
   * @param {object} [options]
   * @param {boolean} [options.isMoving] without the tables that change
   * @param {string} [options.name] of a database beside this one
   */
  async compare(line, { isMoving = false, name } = {}) {
    const found = await this.drilled.fingerprint(name)
    for (const [table, expected] of Object.entries(this.expected)) {
      if ((isMoving && moving.test(table)) || /aludel_|migrations/.test(table)) continue
      const there = found[table]
      if (there?.hash === expected.hash && there.rows === expected.rows) continue
      line.lost += Math.max(1, expected.rows - (there?.rows ?? 0))
      line.problem ??= `${table} has ${there === undefined ? 'no' : there.rows} rows instead of ${expected.rows}, or others`
    }
  }

  /** @param {Line} line */
  async #thereAndBack(line) {
    const { folder } = this.drilled
    const made = await succeed(folder, ['backup', 'create'])
    this.id = made.json.id
    await succeed(folder, ['upgrade', second, '--backup', 'never'])
    const restored = await succeed(folder, ['backup', 'restore', this.id, '--yes'])
    const { ms } = await succeed(folder, ['backup', 'list'])
    Object.assign(this.took, { start: ms, backup: made.ms, restore: restored.ms })
    line.runs += 1
    await this.compare(line)
    requireSameSchema(await this.drilled.schema(), this.schema)
    requireThat(restored.json.revision.join() === first, 'the revision is not the one of the backup')
    const current = await succeed(folder, ['current'])
    requireThat(current.json.current.join() === first, 'current is not the revision of the backup')
    await succeed(folder, ['backup', 'prune', '--replaced', '--yes'])
    requireThat((await this.drilled.beside()).length === 0, 'what was replaced was not dropped')
  }

  /** @param {Line} line */
  async #failedUpgrade(line) {
    const { folder } = this.drilled
    const failed = await aludel(folder, ['upgrade', third, '--restore-on-failure'])
    requireThat(failed.code === 1, `it ended with ${String(failed.code)}`)
    requireThat(failed.json?.error?.details?.restored !== undefined, `it was not restored: ${failed.output}`)
    line.runs += 1
    await this.compare(line)
    requireSameSchema(await this.drilled.schema(), this.schema)
    await this.dropLeft(line)
  }

  /** @param {Line} line */
  async #withWriter(line) {
    const { folder, dialect, address, canRestoreWhileWriting } = this.drilled
    const writer = startWriter(dialect, address)
    await writer.until(20)
    const before = writer.last()
    const { json } = await succeed(folder, ['backup', 'create'])
    const after = writer.last()
    await writer.until(after + 20)
    if (!canRestoreWhileWriting) await writer.stop()
    await succeed(folder, ['backup', 'restore', json.id, '--yes', ...(canRestoreWhileWriting ? ['--disconnect'] : [])])
    line.runs += 1
    if (canRestoreWhileWriting) {
      // It has connected again, to the restored database.
      const restored = Number((await this.drilled.query('SELECT coalesce(max(n), 0) AS n FROM entries'))[0]?.['n'])
      await writer.until(restored + 5)
      await writer.stop()
    }
    await this.compare(line, { isMoving: true })
    const [entries] = await this.drilled.query('SELECT count(*) AS rows, coalesce(max(n), 0) AS last FROM entries')
    const [accounts] = await this.drilled.query('SELECT sum(balance) AS sum FROM accounts')
    const missing =
      Number(entries?.['last']) - Number(entries?.['rows']) + Math.max(0, before - Number(entries?.['last']))
    line.lost += Math.max(0, missing)
    requireThat(missing <= 0, `${missing} entries that were committed before the backup are missing`)
    requireThat(Number(accounts?.['sum']) === 10_000, 'the backup has half of a transaction')
  }

  /**
   * Restores the first backup, for the parts that follow one that has changed something.
   *
   * @param {Line} line
   * @param {(line: Line) => Promise<void>} work
   */
  async #andBack(line, work) {
    try {
      await work(line)
    } finally {
      await succeed(this.drilled.folder, ['backup', 'restore', this.id, '--yes', '--disconnect', '--drop-old'])
    }
    await this.compare(line)
    await this.dropLeft(line)
  }

  /**
   * A random moment of a command that takes so long. Most of the start is left out.
   *
   * @param {number} ms
   */
  moment(ms) {
    const start = this.took.start * 0.7
    return start + this.random() * (ms * 1.05 - start)
  }

  /** @param {Line} line */
  async dropLeft(line) {
    for (const name of await this.drilled.beside()) {
      requireThat(!this.drilled.isUnfinished(name), `${name} is left`)
      await this.drilled.remove(name)
    }
    line.runs += 0
  }
}
