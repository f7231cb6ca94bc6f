// A stand-in for pg_dump where that of the server's version is not installed: its "dump" has the tables of the database with their
// numbers of rows, in the snapshot that is given. See pg-programs.ts.
const process = require('node:process')
const { writeFileSync } = require('node:fs')
const { Client } = require('pg')

/**
 * Writes a line for each table: its number, schema, name and rows; and `END`.
 *
 * @param {string} file
 * @param {string | undefined} snapshot
 * @param {import('pg').ClientConfig} [connection] default: that of the environment
 */
async function writeCounts(file, snapshot, connection) {
  const client = new Client(connection)
  await client.connect()
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ')
    if (snapshot !== undefined) await client.query(`SET TRANSACTION SNAPSHOT '${snapshot}'`)
    const { rows: tables } = await client.query(
      `SELECT c.oid::text, quote_ident(nspname) AS schema, quote_ident(relname) AS name FROM pg_class c
       JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind = 'r' AND nspname !~ '^pg_' AND nspname <> 'information_schema'`,
    )
    const lines = []
    for (const { oid, schema, name } of tables) {
      const { rows } = await client.query(`SELECT count(*) AS n FROM ONLY ${schema}.${name}`)
      lines.push([oid, schema, name, rows[0].n].join('\t'))
    }
    writeFileSync(file, [...lines, 'END', ''].join('\n'))
  } finally {
    await client.end()
  }
}

module.exports = { writeCounts }

if (require.main === module) {
  const args = process.argv.slice(2)
  const snapshot = args.find((argument) => argument.startsWith('--snapshot='))?.slice('--snapshot='.length)
  writeCounts(String(args[args.indexOf('--file') + 1]), snapshot).catch((error) => {
    console.error(`pg_dump: error: ${error.message}`)
    process.exitCode = 1
  })
}
