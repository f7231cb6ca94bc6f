// Opens and uses a database as the user `nobody` (root may do everything), and prints the error as the engine explains it.
require('reflect-metadata')
const { DataSource } = require('typeorm')
const { stack } = require('../../../../../tools/testing/stacks.cjs')

async function main() {
  const [database, use] = process.argv.slice(2)
  const { connectError } = require('../../../src/dialect/sqlite/errors.ts')
  const options = { type: stack.sqlite, database }
  // Everything is loaded before the process loses the right to read it.
  await (await new DataSource({ ...options, database: ':memory:' }).initialize()).destroy()
  if (process.getuid() === 0) {
    process.setgid(65534)
    process.setuid(65534)
  }
  try {
    const dataSource = await new DataSource(options).initialize()
    await dataSource.query(use)
    process.stdout.write('{}')
  } catch (error) {
    const { code, message } = connectError(error, options)
    process.stdout.write(JSON.stringify({ code, message }))
  }
}

void main()
