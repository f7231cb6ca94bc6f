import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { environment, root } from '../lib/process.mjs'
import { variable } from './projects.mjs'

/** @typedef {import('./databases.mjs').BenchDatabase} BenchDatabase */
/** @typedef {import('./measure.mjs').Command} Command */

/** The folder of the scripts that are measured. */
export const scripts = join(root, 'tools', 'bench', 'scripts')

/**
 * @param {string[]} args of the command line
 * @returns {Command}
 */
export const aludel = (...args) => ({
  command: process.execPath,
  args: [join(root, 'packages', 'cli', 'bin', 'aludel.js'), '--no-input', ...args],
})

/**
 * A command of Aludel on a database of a project.
 *
 * @param {import('./projects.mjs').Project} project
 * @param {BenchDatabase} database
 * @param {string[]} args
 * @returns {Command}
 */
export const aludelIn = (project, database, ...args) => ({
  ...aludel(...args, '--config', project.config),
  cwd: project.folder,
  env: { [variable]: database.target },
})

/**
 * A command of TypeORM on a database of a project.
 *
 * @param {import('./projects.mjs').Project} project
 * @param {BenchDatabase} database
 * @param {string[]} args
 * @returns {Command}
 */
export const typeormIn = (project, database, ...args) => ({
  command: process.execPath,
  args: [join(root, 'node_modules', 'typeorm', 'cli.js'), ...args, '-d', project.dataSource],
  cwd: project.folder,
  env: { [variable]: database.target },
})

/**
 * @param {string} name of a script
 * @param {string[]} args
 * @returns {Command}
 */
export const script = (name, ...args) => ({ command: process.execPath, args: [join(scripts, name), ...args] })

/** @param {BenchDatabase} database */
export const selectOne = (database) => script('select-one.cjs', database.target)

/**
 * Whether a program can be started.
 *
 * @param {string} command
 * @returns {string | null} its version
 */
export function versionOf(command) {
  const { status, stdout } = spawnSync(command, ['--version'], { env: environment(), encoding: 'utf8' })
  return status === 0 ? String(/\d+(\.\d+)+/.exec(stdout)?.[0]) : null
}

/**
 * The shell of a database, which runs files of SQL.
 *
 * @param {'sqlite' | 'postgres'} dialect
 * @returns {{ name: string, run: (database: BenchDatabase, file: string) => Command } | { name: string, missing: string }}
 */
export function sqlShell(dialect) {
  const shell = dialect === 'sqlite' ? 'sqlite3' : 'psql'
  if (versionOf(shell) === null) return { name: shell, missing: `no ${shell} here` }
  return dialect === 'sqlite'
    ? {
        name: 'sqlite3',
        run: ({ target }, file) => ({ command: shell, args: ['-batch', '-bail', target, `.read ${file}`] }),
      }
    : {
        name: 'psql -f',
        run: ({ target }, file) => ({
          command: shell,
          args: ['-qX', '-v', 'ON_ERROR_STOP=1', '-d', target, '-f', file],
        }),
      }
}

/**
 * A peer that is the shell of the database, or a skipped one.
 *
 * @param {'sqlite' | 'postgres'} dialect
 * @param {string} what it runs
 * @param {{ goal?: number, rows?: import('./measure.mjs').Comparison[] }} comparison
 * @param {(run: (database: BenchDatabase, file: string) => Command) => () => Promise<Command>} prepare
 * @returns {import('./measure.mjs').Peer | import('./measure.mjs').SkippedPeer}
 */
export function shellPeer(dialect, what, comparison, prepare) {
  const shell = sqlShell(dialect)
  const name = `${shell.name}, ${what}`
  if ('missing' in shell)
    return { name, skipped: shell.missing, ...(comparison.goal !== undefined && { goal: comparison.goal }) }
  return { name, ...comparison, prepare: prepare(shell.run) }
}
