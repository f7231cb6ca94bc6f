// Prints all rows of the core entities as the repositories return them: in another process, because a time zone is one of a process.
require('reflect-metadata')
const { coreEntities } = require('@aludel/models')
const { DataSource } = require('typeorm')

const [options] = process.argv.slice(2)

async function main() {
  const dataSource = await new DataSource({ ...JSON.parse(options), entities: [...coreEntities] }).initialize()
  const rows = {}
  for (const entity of coreEntities) {
    const { tableName, columns } = dataSource.getMetadata(entity)
    const found = await dataSource.getRepository(entity).find()
    rows[tableName] = found.map((row) =>
      Object.fromEntries(columns.map((column) => [column.databaseName, plain(column.getEntityValue(row))])),
    )
  }
  await dataSource.destroy()
  process.stdout.write(JSON.stringify(rows))
}

function plain(value) {
  if (value instanceof Date) return { date: value.toISOString() }
  return Buffer.isBuffer(value) ? { bytes: value.toString('hex') } : value
}

main().catch((error) => {
  process.stderr.write(String(error.stack))
  process.exitCode = 1
})
