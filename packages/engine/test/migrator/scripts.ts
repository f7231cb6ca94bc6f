import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

import type { TestDatabase } from '../run/databases'

const run = promisify(execFile)

/** Runs a script with `psql` or `sqlite3` if installed; else with the driver, without the lines meant for those programs. */
export async function runScript(database: TestDatabase, lines: readonly string[]): Promise<void> {
  const script = `${lines.join('\n')}\n`
  const program = database.dialect.name === 'sqlite' ? 'sqlite3' : 'psql'
  const directory = await mkdtemp(path.join(tmpdir(), 'aludel-script-'))
  const file = path.join(directory, 'script.sql')
  try {
    await writeFile(file, script)
    if (program === 'psql') await run('psql', ['--no-psqlrc', '--quiet', '--file', file, database.address])
    else await run('sqlite3', ['-init', '/dev/null', database.address, `.read ${file}`])
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ENOENT') throw error
    await runByDriver(database, script.replace(/^[\\.].*$/gm, ''))
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function runByDriver(database: TestDatabase, script: string): Promise<void> {
  if (database.dialect.name === 'sqlite') {
    const { default: Database } = await import('better-sqlite3')
    const connection = new Database(database.address)
    connection.exec(script)
    connection.close()
  } else {
    const { Client } = await import('pg')
    const client = new Client({ connectionString: database.address })
    await client.connect()
    await client.query(script)
    await client.end()
  }
}
