/**
 * A process of its own that writes to SQLite databases, as the application beside a migration does:
 *
 *     node sqlite-writer-process.cjs
 *
 * Each line on its standard input is one thing to do: `{ "file": …, "begin": "IMMEDIATE", "sql": … }` begins a transaction and
 * executes the statement, `{ "end": "COMMIT" }` ends it. It answers each of them with a line.
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
