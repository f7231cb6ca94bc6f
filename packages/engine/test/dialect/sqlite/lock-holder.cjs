// Takes the lock of a database for several holders at once: `node lock-holder.cjs DATABASE TURNS`. It prints `ready`, waits for
// a line on standard input, takes the turns and prints `done`. After the next line it takes the lock, prints `locked` and holds
// the lock until it is killed.
require('reflect-metadata')
const { createInterface } = require('node:readline')
const { DataSource } = require('typeorm')
const { stack } = require('../../../../../tools/testing/stacks.cjs')
const { lock } = require('../../../src/dialect/sqlite/lock.ts')

async function take(database) {
  const dataSource = await new DataSource({ type: stack.sqlite, database }).initialize()
  const queryRunner = dataSource.createQueryRunner()
  const held = await lock(queryRunner, { key: 'migrations', timeoutMs: 300_000 })
  return { dataSource, queryRunner, held }
}

/** Adds one to a counter in a way that loses a turn if two holders do it at once. */
async function turn(database) {
  const { dataSource, queryRunner, held } = await take(database)
  await queryRunner.query('CREATE TABLE IF NOT EXISTS turns (n integer)')
  const [{ n }] = await queryRunner.query('SELECT coalesce(max(n), 0) AS n FROM turns')
  await new Promise((resolve) => setTimeout(resolve, 20))
  await queryRunner.query('INSERT INTO turns VALUES (?)', [n + 1])
  await held.release()
  await dataSource.destroy()
}

async function main() {
  const [database, turns] = process.argv.slice(2)
  const lines = createInterface(process.stdin)[Symbol.asyncIterator]()
  process.stdout.write('ready\n')
  await lines.next()
  await Promise.all(Array.from({ length: Number(turns) }, () => turn(database)))
  process.stdout.write('done\n')
  if ((await lines.next()).done) return
  await take(database)
  process.stdout.write('locked\n')
}

main().catch((error) => {
  process.stderr.write(`${error.code ?? ''} ${error.message}\n`)
  process.exit(5)
})
