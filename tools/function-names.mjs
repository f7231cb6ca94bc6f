// Writes the list of PostgreSQL's functions that change nothing, from the catalogs of servers:
//   node tools/function-names.mjs URL…
// Needs one URL for each major version. A test of the engine compares the list with the server of the tests.
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import process from 'node:process'
import pg from 'pg'
import { isProgram, root } from './lib/process.mjs'

const file = 'packages/engine/src/sql/postgres/function-names.ts'

/**
 * Functions that a statement can call. Those that take or return `internal` or `cstring` are only for the server itself. Those
 * named `…_to_xml` for tables, schemas and databases are excluded, since they read views, which may call any function.
 */
const query = `
  SELECT proname AS name, bool_and(provolatile IN ('i', 's')) AS harmless
  FROM pg_proc
  WHERE pronamespace = 'pg_catalog'::regnamespace AND prokind <> 'p'
    AND NOT prorettype = ANY (ARRAY['internal', 'cstring', 'trigger', 'event_trigger']::regtype[])
    AND NOT proargtypes::oid[] && ARRAY['internal', 'cstring']::regtype[]::oid[]
    AND proname !~ '^(table|schema|database)_to_xml'
  GROUP BY proname`

/**
 * @param {readonly string[]} urls of one server for each major version
 * @returns {Promise<string[]>} names that are IMMUTABLE or STABLE in all their overloads, on every server that has them
 */
async function harmlessFunctions(urls) {
  /** @type {Map<string, boolean>} */
  const names = new Map()
  for (const url of urls) {
    const client = new pg.Client(url)
    await client.connect()
    const { rows } = await client.query(query)
    for (const { name, harmless } of rows) names.set(name, harmless && names.get(name) !== false)
    await client.end()
  }
  return [...names].flatMap(([name, harmless]) => (harmless ? [name] : [])).sort()
}

/** @param {readonly string[]} names */
function source(names) {
  const lines = ['']
  for (const name of names) {
    const last = lines.at(-1) ?? ''
    if (last.length + name.length + 1 > 118) lines.push(name)
    else lines[lines.length - 1] = last === '' ? name : `${last} ${name}`
  }
  return `/**
 * Names in pg_catalog of which every overload is IMMUTABLE or STABLE, in all supported versions. Written by
 * tools/function-names.mjs; not to be changed by hand.
 */
export const stableFunctions: ReadonlySet<string> = new Set(
  \`
${lines.map((line) => `  ${line}`).join('\n')}
  \`
    .trim()
    .split(/\\s+/),
)
`
}

if (isProgram(import.meta)) {
  const urls = process.argv.slice(2)
  if (urls.length === 0) {
    console.error('usage: node tools/function-names.mjs URL…')
    process.exitCode = 2
  } else {
    const names = await harmlessFunctions(urls)
    writeFileSync(resolve(root, file), source(names))
    console.log(`${file}: ${names.length} names`)
  }
}
