import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import type { DataSource, QueryRunner } from 'typeorm'

import { postgresMajor } from '../../../../../tools/testing/databases'
import type { Schema } from '../../../src/schema/schema'
import { dropSchemas } from '../../support/drop-schemas'
import { differences } from './database-pair'
import { KeptRevision } from './keep-support'
import { read, runScript, TestDatabases } from './support'

export interface KeepCase {
  readonly schema: string
  readonly up: readonly string[]
  readonly down: readonly string[]
  /** What an application writes between the two. */
  readonly write?: string
  /** Queries, and their rows after the downgrade. */
  readonly after: Readonly<Record<string, unknown>>
  readonly recorded?: readonly { readonly text: string; readonly table: string }[]
  /** Patterns of warnings. */
  readonly warnings?: readonly RegExp[]
}

/** The lines of `pg_dump -s`, in no order; undefined where this machine's `pg_dump` is older than the server, or missing. */
async function dumpOf(database: DataSource): Promise<readonly string[] | undefined> {
  const run = promisify(execFile)
  const version = await run('pg_dump', ['--version']).catch(() => ({ stdout: '' }))
  if (Number(/(\d+)\./.exec(version.stdout)?.[1] ?? 0) < postgresMajor) return undefined
  const { url } = database.options as { readonly url: string }
  const { stdout } = await run('pg_dump', ['-s', url])
  return stdout
    .split('\n')
    .map((line) => line.replace(/,$/, ''))
    .filter((line) => line !== '' && !line.startsWith('--') && !/^\\(?:un)?restrict /.test(line))
    .sort()
}

/** A database in which revisions keep what they drop, and one in which they do not. */
export class KeepHarness {
  readonly #databases = new TestDatabases()
  live!: DataSource
  plain!: DataSource
  runner!: QueryRunner

  constructor() {
    beforeAll(async () => {
      this.live = await this.#databases.open({ poolSize: 2 })
      this.plain = await this.#databases.open({ poolSize: 2 })
    })
    beforeEach(async () => {
      for (const database of [this.live, this.plain]) await dropSchemas(database)
      this.runner = this.live.createQueryRunner()
    })
    afterEach(() => this.runner.release())
    afterAll(() => this.#databases.close())
  }

  async rows(sql: string): Promise<unknown> {
    return this.live.query(sql)
  }

  /** What is left of what was kept, besides the registry. */
  leftovers(): Promise<unknown> {
    return this.rows(`SELECT relname AS name FROM pg_class c WHERE relnamespace = to_regnamespace('aludel_kept') 
    UNION ALL SELECT attname FROM pg_attribute WHERE attname LIKE 'aludel%' AND NOT attisdropped
    UNION ALL SELECT conname FROM pg_constraint WHERE conname LIKE 'aludel%'
    UNION ALL SELECT typname FROM pg_type WHERE typname LIKE 'type\\_%'`)
  }

  /** Up with what is kept, a writer, down: the schema is that of a plain upgrade in between, and at the end as it was. */
  async upAndDown({ schema, up, down, write, after, recorded, warnings = [] }: KeepCase): Promise<void> {
    const { live, plain, runner } = this
    for (const database of [live, plain]) await runScript(database, schema)
    const [before, dump] = [await read(live), await dumpOf(live)]
    for (const sql of up) await plain.query(sql)
    const upgraded: Schema = await read(plain)
    const revision = new KeptRevision(runner, { up, down }, recorded)
    await revision.up()
    expect(differences(await read(live), upgraded)).toEqual([])
    expect((await revision.entries()).length).toBeGreaterThan(0)
    if (write !== undefined) await runScript(live, write)
    await revision.down()
    expect(differences(await read(live), before)).toEqual([])
    expect(await revision.entries()).toEqual([])
    expect(await dumpOf(live)).toEqual(dump)
    for (const [sql, expected] of Object.entries(after))
      expect({ [sql]: await this.rows(sql) }).toEqual({ [sql]: expected })
    expect(revision.warnings).toEqual(warnings.map((pattern) => expect.stringMatching(pattern) as string))
    expect(await this.leftovers()).toEqual([])
    // Once more, and what is kept is given up.
    await revision.up()
    await revision.prune()
    expect(differences(await read(live), upgraded)).toEqual([])
    expect(await this.leftovers()).toEqual([])
    expect(await this.rows(`SELECT to_regnamespace('aludel_kept')::text AS name`)).toEqual([{ name: null }])
    expect(await dumpOf(live)).toEqual(await dumpOf(plain))
  }
}
