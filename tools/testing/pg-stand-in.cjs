// Stand-ins for pg_dump and pg_restore where those of the server's version are not installed: the "dump" has the tables of the
// database with their numbers of rows, in the snapshot that is given, and is printed in the form of pg_restore.
const { readFileSync, writeFileSync } = require('node:fs')
const { Client } = require('pg')

const [, , program, ...args] = process.argv
const option = (name) => args.find((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3)

async function dump() {
  const client = new Client()
  await client.connect()
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ')
    const snapshot = option('snapshot')
    if (snapshot !== undefined) await client.query(`SET TRANSACTION SNAPSHOT '${snapshot}'`)
    const { rows: tables } = await client.query(
      `SELECT c.oid::text, quote_ident(nspname) AS schema, quote_ident(relname) AS name FROM pg_class c
       JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind = 'r' AND nspname !~ '^pg_' AND nspname <> 'information_schema'`,
    )
    for (const table of tables) {
      const { rows } = await client.query(`SELECT count(*)::integer AS n FROM ONLY ${table.schema}.${table.name}`)
      table.rows = rows[0].n
    }
    writeFileSync(args[args.indexOf('--file') + 1], JSON.stringify(tables))
  } finally {
    await client.end()
  }
}

function restore() {
  const tables = JSON.parse(readFileSync(args.at(-1), 'utf8'))
  if (args.includes('--list')) {
    console.log(`;     TOC Entries: ${tables.length + 5}`)
    for (const { oid, schema, name } of tables) console.log(`1; 0 ${oid} TABLE DATA ${schema} ${name} owner`)
    return
  }
  console.log("SET client_encoding = 'UTF8';")
  for (const { schema, name, rows } of tables)
    console.log(`COPY ${schema}.${name} (a) FROM stdin;\n${'x\n'.repeat(rows)}\\.\n`)
}

Promise.resolve(program === 'pg_dump' ? dump() : restore()).catch((error) => {
  console.error(`${program}: error: ${error.message}`)
  process.exitCode = 1
})
