/**
 * A separate process that writes to SQLite databases, as an application does during a migration:
 *
 *     node sqlite-writer-process.cjs
 *
 * Each line on standard input is a request: `{ "file": …, "begin": "IMMEDIATE", "sql": … }` begins a transaction and executes
 * the statement, `{ "end": "COMMIT" }` ends it. It answers each request with a line.
 */
const { createInterface } = require('node:readline')
const Database = require('better-sqlite3')

let database
createInterface(process.stdin).on('line', (line) => {
  const { file, begin, sql, end } = JSON.parse(line)
  if (begin !== undefined) {
    database = new Database(file)
    database.exec(`BEGIN ${begin}`)
    database.exec(sql)
  } else if (database?.open === true) {
    database.exec(end)
    database.close()
  }
  process.stdout.write('done\n')
})
