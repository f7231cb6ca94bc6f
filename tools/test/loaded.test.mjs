// Tests what a command at head loads: every file and every module of Node costs something each time. One import in the wrong place
// brings the code of a run along, and no other test would notice.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import process from 'node:process'
import { after, before, describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import pg from 'pg'
import { root } from '../lib/process.mjs'

const name = `aludel_loaded_${String(process.pid)}`
/** @type {string} */
let folder
/** @type {{ sqlite: string, postgres: string }} */
let urls

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aludel-loaded-'))
  const server = process.env['ALUDEL_TEST_POSTGRES_URL']
  assert(server, 'ALUDEL_TEST_POSTGRES_URL is not set: npm test sets it')
  await query(server, `CREATE DATABASE ${name}`)
  const postgres = new URL(server)
  postgres.pathname = `/${name}`
  urls = { sqlite: pathToFileURL(join(folder, 'app.db')).href.replace('file:', 'sqlite:'), postgres: postgres.href }
  // What is known of the revisions is kept there.
  mkdirSync(join(folder, 'node_modules'))
  writeFileSync(join(folder, 'aludel.config.json'), '{ "shipped": true }\n')
  writeFileSync(
    join(folder, 'report.cjs'),
    `const before = new Set(process.moduleLoadList)
process.on('exit', () => {
  const node = process.moduleLoadList.filter((it) => !before.has(it)).map((it) => it.replace(/^NativeModule /, ''))
  console.error('loaded ' + JSON.stringify({ node, files: Object.keys(require.cache) }))
})
`,
  )
  for (const url of Object.values(urls)) for (const command of ['upgrade', 'current']) aludel(url, command)
})

after(async () => {
  await query(/** @type {string} */ (process.env['ALUDEL_TEST_POSTGRES_URL']), `DROP DATABASE ${name}`)
  rmSync(folder, { recursive: true })
})

describe('current and upgrade at head', () => {
  const common = {
    cli: [
      'command',
      'errors',
      'format',
      'global-options',
      'index',
      'kept',
      'migrator',
      'options',
      'rolldown-runtime',
      'table',
      'yargs',
    ],
    engine: ['dialects', 'dist', 'index', 'project-config-problems', 'read', 'rolldown-runtime'],
  }
  const own = {
    sqlite: ['dialect-sqlite-index', 'dialect-sqlite-url', 'sqlite'],
    postgres: ['dialect-postgres-index', 'dialect-postgres-url', 'postgres', 'sqlite', 'tls-of-connection'],
  }
  const commands = {
    current: ['current', 'findings', 'inspect-current'],
    upgrade: ['arguments', 'does', 'lock-options', 'preview', 'run-options', 'run-run', 'upgrade'],
  }
  for (const dialect of /** @type {const} */ (['sqlite', 'postgres']))
    for (const command of /** @type {const} */ (['current', 'upgrade']))
      test(`load no code of a run on ${dialect}: ${command}`, () => {
        const { files } = aludel(urls[dialect], command)
        const of = (/** @type {string} */ bundle) =>
          files
            .map((file) => relative(join(root, 'packages', bundle, 'dist', 'bundle'), file))
            .filter((file) => !file.startsWith('..'))
            .map((file) => file.replace(/\.js$/, ''))
        const besides = (/** @type {string[]} */ found, /** @type {string[]} */ known) =>
          found.filter((file) => !known.includes(file))
        assert.deepEqual(besides(of('engine'), [...common.engine, ...own[dialect], ...commands[command]]), [])
        assert.deepEqual(besides(of('cli'), [...common.cli, ...commands[command]]), [])
        assert(of('engine').length > 0 && of('cli').length > 0, 'the bundles are not what was loaded')
        assert(!files.some((file) => /[\\/]typeorm[\\/]/.test(file)), 'TypeORM is loaded')
      })

  test('start neither the loader of ES modules nor what measures and asserts', () => {
    const { node } = aludel(urls.sqlite, 'current')
    const heavy = [
      'perf_hooks',
      'assert',
      'internal/modules/esm/module_job',
      'readline',
      'child_process',
      'worker_threads',
    ]
    assert.deepEqual(
      node.filter((it) => heavy.includes(it)),
      [],
    )
  })

  test('call no function a thousand times', () => {
    // Without a package.json an assertion of yargs fails, which it catches: also a recursion that fills the stack.
    const coverage = join(folder, 'coverage')
    aludel(urls.sqlite, 'current', { NODE_V8_COVERAGE: coverage })
    /** @type {{ url: string, functions: { functionName: string, ranges: { count: number }[] }[] }[]} */
    const scripts = readdirSync(coverage).flatMap(
      (file) => JSON.parse(readFileSync(join(coverage, file), 'utf8')).result,
    )
    const own = scripts.filter(({ url }) => /[\\/]dist[\\/]bundle[\\/]/.test(url))
    const calls = own.flatMap(({ url, functions }) =>
      functions.map(({ functionName, ranges }) => ({
        name: `${functionName} in ${url}`,
        count: ranges[0]?.count ?? 0,
      })),
    )
    assert(
      calls.some(({ count }) => count > 0),
      'nothing was counted',
    )
    assert.deepEqual(
      calls.filter(({ count }) => count >= 1000),
      [],
    )
  })
})

/**
 * @param {string} url
 * @param {string} command
 * @param {Readonly<Record<string, string>>} [env] more variables
 * @returns {{ node: string[], files: string[] }} what it loaded
 */
function aludel(url, command, env = {}) {
  const args = ['-r', join(folder, 'report.cjs'), join(root, 'packages/cli/bin/aludel.js'), 'migrate', command]
  const { status, stderr } = spawnSync(process.execPath, [...args, '--database-url', url, '--no-input'], {
    encoding: 'utf8',
    cwd: folder,
    env: { ...process.env, NODE_OPTIONS: '', NODE_COMPILE_CACHE: '', ...env },
  })
  assert.equal(status, 0, stderr)
  return JSON.parse(/^loaded (.*)$/m.exec(stderr)?.[1] ?? '{}')
}

/**
 * @param {string} url
 * @param {string} sql
 */
async function query(url, sql) {
  const client = new pg.Client(url)
  await client.connect()
  await client.query(sql)
  await client.end()
}
