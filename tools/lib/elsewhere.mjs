import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import process from 'node:process'
import testing from '../testing/stacks.cjs'
import { projectFiles } from './files.mjs'
import { installNode } from './node-versions.mjs'
import { packageNames } from './nx.mjs'
import { installServer } from './older-servers.mjs'
import { root, run } from './process.mjs'
import { writeResult } from './results.mjs'

/**
 * Runs the tests that use PostgreSQL on an older server.
 *
 * @param {string} version its major version
 * @param {object} [selection]
 * @param {readonly string[]} [selection.packages] default: all
 * @param {readonly string[]} [selection.filters] only tests whose path contains one of them
 * @returns {Promise<string[]>} the tasks that wrote results
 */
export async function runOnServer(version, { packages = packageNames, filters = [] } = {}) {
  const native = await installServer(version)
  // Imported here because it needs the packages that have just been built.
  const { startPostgres } = await import('../postgres.mjs')
  const server = await startPostgres(native)
  const before = { ...process.env }
  Object.assign(process.env, {
    ALUDEL_TEST_POSTGRES_URL: server.url,
    ALUDEL_TEST_POSTGRES_VERSION: version,
    ALUDEL_TEST_STACK: testing.servers,
  })
  /** @type {string[]} */
  const tasks = []
  try {
    for (const name of packages) {
      const task = `${name}:test-postgres-${version}`
      process.env['ALUDEL_TEST_TASK'] = task
      await run('node', ['tools/run-jest.mjs', name, ...filters, '--passWithNoTests'])
      tasks.push(task)
    }
  } finally {
    process.env = before
    await server.stop()
  }
  return tasks
}

/**
 * Runs `npm test` on another line of Node, in a copy of the project that this Node installs and compiles.
 *
 * @param {string} line for example `22`
 * @returns {Promise<string[]>} the task that wrote a result
 */
export async function runOnNode(line) {
  const home = await installNode(line)
  const folder = mkdtempSync(join(tmpdir(), `aludel-node-${line}-`))
  // Some tests start the program as another user, who must be able to read it there.
  chmodSync(folder, 0o755)
  const task = `workspace:test-node-${line}`
  const started = Date.now()
  try {
    for (const path of projectFiles()) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      cpSync(join(root, path), join(folder, path))
    }
    const code = await run('npm', ['test'], {
      cwd: folder,
      env: {
        PATH: [join(home, 'bin'), process.env['PATH']].join(delimiter),
        // Native packages are compiled with these headers.
        npm_config_nodedir: home,
      },
    })
    const [, passed = '0', failed = '1'] = /(\d+) passed, (\d+) failed\s*$/.exec(summaryOf(folder)) ?? []
    writeResult(task, {
      passed: Number(passed),
      failed: code === 0 ? Number(failed) : Math.max(1, Number(failed)),
      skipped: 0,
      seconds: (Date.now() - started) / 1000,
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return [task]
}

/** @param {string} folder */
function summaryOf(folder) {
  try {
    return readFileSync(join(folder, '.cache', 'summary.txt'), 'utf8')
  } catch {
    return ''
  }
}
