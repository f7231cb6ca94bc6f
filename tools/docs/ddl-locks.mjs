// Measures the locks and rewrites of DDL on PostgreSQL 13 to 18, and writes the data of docs/locks.md and the page:
// `node tools/docs/ddl-locks.mjs [VERSION …]`. The engine must be built. Servers are started one after the other.
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import pg from 'pg'
import { format, resolveConfig } from 'prettier'
import { bundledServer, installServer, olderServers } from '../lib/older-servers.mjs'
import { isProgram, root } from '../lib/process.mjs'
import { startPostgres } from '../postgres.mjs'
import { dataFile, joinVersions, readData, resultsOf } from './locks/data.mjs'
import { lockPage, pageFile } from './locks/page.mjs'

/** @typedef {import('./locks/data.mjs').Data} Data */
/** @typedef {import('./locks/data.mjs').Result} Result */
/** @typedef {{ title: string, sql: string, table?: string, outside?: boolean }} Form */

const ddl = join(root, 'packages', 'engine', 'test', 'sql', 'postgres-ddl')
const all = [...Object.keys(olderServers), String(bundledServer)]

const help = `usage: node tools/docs/ddl-locks.mjs [VERSION …] [--page]

Measures what forms of DDL lock, rewrite, scan and rebuild, and writes the data and docs/locks.md.

  VERSION  of the server: ${all.join(', ')}; default all of them. Results of the others stay
  --page   measure nothing: write the page from the data`

/**
 * @param {readonly string[]} args
 * @returns {Promise<number>} the exit code
 */
async function main(args) {
  const wrong = args.find((arg) => !all.includes(arg) && arg !== '--page')
  if (wrong !== undefined) {
    console.error(wrong === '--help' ? help : `error: ${wrong} is not a version that can be installed\n\n${help}`)
    return wrong === '--help' ? 0 : 2
  }
  const versions = args.filter((arg) => arg !== '--page')
  if (!args.includes('--page')) await measure(versions.length === 0 ? all : versions)
  writeFileSync(pageFile, await lockPage(readData()))
  return 0
}

/** @param {readonly string[]} versions */
async function measure(versions) {
  const { createModuleLoader } = await import('../../packages/engine/dist/files/load.js')
  // Loads the TypeScript files of the tests with the engine's own loader, since they are not compiled.
  const load = createModuleLoader({ anchor: root })
  const { groups } = /** @type {{ groups: { title: string, forms: Form[] }[] }} */ (
    await load(join(ddl, 'forms', 'index.ts'))
  )
  const { measureForms } =
    /** @type {{ measureForms: (url: string, forms: Form[]) => Promise<Map<string, Result>> }} */ (
      await load(join(ddl, 'measure.ts'))
    )
  const forms = groups.flatMap((group) => group.forms)
  const before = existsSync(dataFile) ? readData() : { servers: {}, groups: [] }
  const servers = { ...before.servers }
  const known = new Map(
    before.groups.flatMap((group) => group.forms).map((form) => [form.title, new Map(resultsOf(form))]),
  )
  for (const version of versions) {
    console.log(`Measuring ${forms.length} forms on PostgreSQL ${version}.`)
    const { name, results } = await onServer(version, (url) => measureForms(url, forms))
    servers[version] = name
    for (const { title } of forms) {
      const result = results.get(title)
      const ofForm = known.get(title) ?? new Map()
      known.set(title, ofForm)
      ofForm.delete(Number(version))
      if (result !== undefined) ofForm.set(Number(version), withoutEmpty(result))
    }
  }
  /** @type {Data} */
  const data = {
    servers,
    groups: groups.map(({ title, forms }) => ({
      title,
      forms: forms.map(({ title, sql, table = 'items', outside }) => ({
        title,
        sql,
        table,
        ...(outside === true ? { outside } : {}),
        measured: joinVersions([...(known.get(title) ?? [])].sort(([a], [b]) => a - b)),
      })),
    })),
  }
  const text = JSON.stringify(data)
  writeFileSync(dataFile, await format(text, { ...(await resolveConfig(dataFile)), parser: 'json' }))
}

/**
 * @template T
 * @param {string} version
 * @param {(url: string) => Promise<T>} work on an empty database
 */
async function onServer(version, work) {
  const server = await startPostgres(version in olderServers ? await installServer(version) : undefined)
  try {
    const client = new pg.Client(server.url)
    await client.connect()
    const { rows } = await client.query(`SELECT split_part(current_setting('server_version'), ' ', 1) AS name`)
    await client.query('CREATE DATABASE forms TEMPLATE template0')
    await client.end()
    return { name: String(rows[0].name), results: await work(new URL('/forms', server.url).href) }
  } finally {
    await server.stop()
  }
}

/**
 * @param {Result} result
 * @returns {Result}
 */
function withoutEmpty(result) {
  return Object.fromEntries(Object.entries(result).filter(([, list]) => list.length > 0))
}

if (isProgram(import.meta)) process.exitCode = await main(process.argv.slice(2))
