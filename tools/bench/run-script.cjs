// Runs a file of SQL if neither psql nor sqlite3 is installed: `node run-script.cjs URL|FILE SCRIPT`
const { readFileSync } = require('node:fs')
const [, , target, script] = process.argv
const sql = readFileSync(script, 'utf8')

if (target.startsWith('postgres')) {
  const { Client } = require('pg')
  const client = new Client(target)
  client
    .connect()
    .then(() => client.query(sql))
    .then(() => client.end())
} else {
  const Database = require('better-sqlite3')
  const database = new Database(target)
  database.exec(sql)
  database.close()
}
