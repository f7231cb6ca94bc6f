// Writes the list of PostgreSQL's functions that change nothing, from what servers know of their functions:
//   node tools/function-names.mjs URL…
// One URL for each major version; the engine's test compares the list with the server at hand.
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import process from 'node:process'
import pg from 'pg'
import { isProgram, root } from './lib/process.mjs'

const file = 'packages/engine/src/sql/postgres/function-names.ts'

/**
 * Functions that a statement can call: those that take or give `internal` or `cstring` belong to the server itself. The
 * `…_to_xml` of tables, schemas and databases read whatever views there are, with all that those call.
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
