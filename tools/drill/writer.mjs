// A writer at work: `node writer.mjs sqlite|postgres ADDRESS`. Each transaction moves an amount between two accounts and adds an
// entry; the number of the entry is printed once it is committed. It connects again whenever it is cut off, and ends with its input.
import process from 'node:process'
import { setTimeout as wait } from 'node:timers/promises'
import Database from 'better-sqlite3'
import pg from 'pg'

const [dialect, address = ''] = process.argv.slice(2)
let stop = false
process.stdin.on('end', () => (stop = true)).resume()

/** @param {(sql: string) => Promise<{ n: number }[]>} query */
async function write(query) {
  const [from, to] = [1 + Math.floor(Math.random() * 10), 1 + Math.floor(Math.random() * 10)]
  await query('BEGIN')
  try {
    await query(`UPDATE accounts SET balance = balance - 1 WHERE id = ${from}`)
    await query(`UPDATE accounts SET balance = balance + 1 WHERE id = ${to}`)
    const [row] = await query('SELECT coalesce(max(n), 0) + 1 AS n FROM entries')
    await query(`INSERT INTO entries VALUES (${String(row?.n)}, '${new Date().toISOString()}')`)
    await query('COMMIT')
    return Number(row?.n)
  } catch (error) {
    await query('ROLLBACK').catch(() => undefined)
    throw error
  }
}

async function connect() {
  if (dialect === 'sqlite') {
    const database = new Database(address, { timeout: 10_000, fileMustExist: true })
    return {
      query: async (/** @type {string} */ sql) => {
        const statement = database.prepare(sql)
        return /** @type {{ n: number }[]} */ (statement.reader ? statement.all() : (statement.run(), []))
      },
      close: async () => void database.close(),
    }
  }
  const client = new pg.Client({ connectionString: address, application_name: 'writer' })
  client.on('error', () => undefined)
  await client.connect()
  return {
    query: async (/** @type {string} */ sql) => (await client.query(sql)).rows,
    close: () => client.end(),
  }
}

while (!stop) {
  const session = await connect().catch(() => undefined)
  if (session === undefined) {
    await wait(20)
    continue
  }
  try {
    while (!stop) {
      console.log(await write(session.query))
      await wait(2)
    }
  } catch {
    // Cut off, or the tables are not there: again.
    await wait(20)
  } finally {
    await session.close().catch(() => undefined)
  }
}
