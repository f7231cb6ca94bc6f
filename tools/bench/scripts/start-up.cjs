// What an application does when it starts: `node start-up.cjs DATA_SOURCE REVISIONS check|connect`. Prints the number of its queries
// and its processor time: from here on, which with `check` includes loading the engine, and from when that is loaded.
const path = require('node:path')
const process = require('node:process')

const [file, revisions, what] = process.argv.slice(2)
const dataSource = require(file)
let queries = 0
dataSource.setOptions({
  // TypeORM would load all of them.
  migrations: [],
  logging: ['query'],
  logger: {
    logQuery: () => (queries += 1),
    logQueryError: () => undefined,
    logQuerySlow: () => undefined,
    logSchemaBuild: () => undefined,
    logMigration: () => undefined,
    log: () => undefined,
  },
})

const begin = process.cpuUsage()
const millisecondsSince = (start) => {
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1000
}
async function start() {
  const engine = what === 'check' ? require(path.join(__dirname, '../../../packages/engine')) : undefined
  const loaded = process.cpuUsage()
  await dataSource.initialize()
  if (engine) {
    const { action } = await engine.initializeDatabase({ dataSource, revisions })
    if (action !== 'none') throw new Error(`the database was ${action}`)
  }
  const measured = { queries, cpuMs: millisecondsSince(begin), loadedCpuMs: millisecondsSince(loaded) }
  await dataSource.destroy()
  console.log(JSON.stringify(measured))
}
void start()
