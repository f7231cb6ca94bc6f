// The least that a program can do with a database: connect, query, disconnect. `node select-one.cjs URL|FILE`
const [, , target] = process.argv

if (target.startsWith('postgres')) {
  const { Client } = require('pg')
  const client = new Client(target)
  client
    .connect()
    .then(() => client.query('select 1'))
    .then(() => client.end())
} else {
  const Database = require('better-sqlite3')
  const database = new Database(target)
  database.prepare('select 1').get()
  database.close()
}
