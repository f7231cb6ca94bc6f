// A stand-in for pg_dump where that of the server's version is not installed: its "dump" has the tables of the database with their
// numbers of rows, in the snapshot that is given. See pg-programs.ts.
const { writeFileSync } = require('node:fs')
const { Client } = require('pg')

const args = process.argv.slice(2)

async function dump() {
  const client = new Client()
  await client.connect()
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ')
    const snapshot = args.find((argument) => argument.startsWith('--snapshot='))?.slice('--snapshot='.length)
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
    writeFileSync(args[args.indexOf('--file') + 1], [...lines, 'END', ''].join('\n'))
  } finally {
    await client.end()
  }
}

dump().catch((error) => {
  console.error(`pg_dump: error: ${error.message}`)
  process.exitCode = 1
})
