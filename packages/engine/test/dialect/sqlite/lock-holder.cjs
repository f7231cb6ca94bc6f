// Takes the lock of a database, says so, and holds it until it is told to let go (or is killed).
require('reflect-metadata')
const { DataSource } = require('typeorm')
const { stack } = require('../../../../../tools/testing/stacks.cjs')

async function main() {
  const [database, timeoutMs, holdMs] = process.argv.slice(2)
  const { lock } = require('../../../src/dialect/sqlite/lock.ts')
  const dataSource = await new DataSource({ type: stack.sqlite, database }).initialize()
  const queryRunner = dataSource.createQueryRunner()
  const held = await lock(queryRunner, { key: 'migrations', timeoutMs: Number(timeoutMs) })
  process.stdout.write('locked\n')
  if (holdMs === 'forever') setInterval(() => undefined, 1000)
  else {
    // What only one at a time can do without losing one of the others' turns.
    await queryRunner.query('CREATE TABLE IF NOT EXISTS turns (n integer)')
    const [{ n }] = await queryRunner.query('SELECT coalesce(max(n), 0) AS n FROM turns')
    await new Promise((resolve) => setTimeout(resolve, Number(holdMs)))
    await queryRunner.query('INSERT INTO turns VALUES (?)', [n + 1])
    await held.release()
    await dataSource.destroy()
  }
}

main().catch((error) => {
  process.stderr.write(`${error.code ?? ''} ${error.message}\n`)
  process.exitCode = 5
})
