// Opens a database, uses it, and prints how the engine explains what came of it. As nobody: everything is allowed to root.
require('reflect-metadata')
const { DataSource } = require('typeorm')
const { stack } = require('../../../../../tools/testing/stacks.cjs')

async function main() {
  const [database, use] = process.argv.slice(2)
  const { connectError } = require('../../../src/dialect/sqlite/errors.ts')
  const options = { type: stack.sqlite, database }
  // Everything is loaded while it may be read.
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
