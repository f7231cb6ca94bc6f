import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { environment, root } from '../lib/process.mjs'

const bench = join(root, 'tools', 'bench')

/** @param {string[]} args of the command line */
export const aludel = (...args) => ({
  command: process.execPath,
  args: [join(root, 'packages', 'cli', 'bin', 'aludel.js'), '--no-input', ...args],
})

/** @param {string[]} args of TypeORM's command line */
export const typeorm = (...args) => ({
  command: process.execPath,
  args: [join(root, 'node_modules', 'typeorm', 'cli.js'), ...args],
})

/** @param {string} target URL or file */
export const selectOne = (target) => ({ command: process.execPath, args: [join(bench, 'select-one.cjs'), target] })

/**
 * The program that runs a file of SQL: the shell of the database, or a bare Node script if the shell is not installed.
 *
 * @param {'sqlite' | 'postgres'} dialect
 * @returns {{ name: string, command: (target: string, script: string) => { command: string, args: string[] } }}
 */
export function sqlShell(dialect) {
  const shell = dialect === 'sqlite' ? 'sqlite3' : 'psql'
  if (spawnSync(shell, ['--version'], { env: environment() }).status !== 0) {
    const args = (/** @type {string[]} */ ...files) => [join(bench, 'run-script.cjs'), ...files]
    const name = `Node script, the SQL of upgrade --sql (no ${shell} here)`
    return { name, command: (target, script) => ({ command: process.execPath, args: args(target, script) }) }
  }
  if (dialect === 'sqlite') {
    return {
      name: 'sqlite3, the SQL of upgrade --sql',
      command: (target, script) => ({ command: shell, args: ['-batch', '-bail', target, `.read ${script}`] }),
    }
  }
  return {
    name: 'psql -f, the SQL of upgrade --sql',
    command: (target, script) => ({
      command: shell,
      args: ['-qX', '-v', 'ON_ERROR_STOP=1', '-d', target, '-f', script],
    }),
  }
}

/**
 * Writes a file that exports a DataSource, for both command lines.
 *
 * @param {string} folder
 * @param {string} name
 * @param {string} options the source of the DataSource's options
 */
export function writeDataSource(folder, name, options) {
  const file = join(folder, name)
  const typeormModule = JSON.stringify(join(root, 'node_modules', 'typeorm'))
  writeFileSync(file, `const { DataSource } = require(${typeormModule})\nmodule.exports = new DataSource(${options})\n`)
  return file
}
