/**
 * A process of its own that writes to a SQLite database, as the application beside a migration does:
 *
 *     node sqlite-writer-process.cjs FILE IMMEDIATE|EXCLUSIVE SQL
 *
 * It begins a transaction, executes the statement, says so, and commits when it is sent SIGUSR2.
 */
const Database = require('better-sqlite3')

const [file, kind, sql] = process.argv.slice(2)
const database = new Database(file)
// Nothing else keeps this process alive.
const alive = setInterval(() => undefined, 1 << 30)
process.once('SIGUSR2', () => {
  database.exec('COMMIT')
  database.close()
  clearInterval(alive)
})
database.exec(`BEGIN ${kind}`)
database.exec(sql)
process.stdout.write('writing\n')
