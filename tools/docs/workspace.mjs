import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { projectFiles } from '../lib/files.mjs'
import { linkModules } from '../lib/modules.mjs'
import { packageNames } from '../lib/nx.mjs'
import { root } from '../lib/process.mjs'
import { Snapshot } from './snapshot.mjs'
import { WarmCommandLine } from './warm.mjs'

/** @typedef {'repository' | 'empty'} Kind */

/**
 * @typedef {object} Workspace
 * @property {string} folder
 * @property {Snapshot} snapshot
 * @property {WarmCommandLine | undefined} aludel may run its commands
 * @property {boolean} inUse
 */

const configuration = 'aludel.config.json'

/**
 * Folders in which the commands of documents can do no harm: a copy of this repository, installed and built, and an empty project
 * with Aludel installed. There is one of each, and it is restored for every document.
 */
export class Workspaces {
  /** @type {Map<Kind, Workspace>} */
  #made = new Map()
  #shadow

  /**
   * @param {string} [shadow] the URL of a PostgreSQL server for shadow databases. Without it, every command that needs a shadow
   *   database starts its own server, which is most of the work of that command.
   */
  constructor(shadow) {
    this.#shadow = shadow
  }

  /**
   * Opens a workspace in its original state.
   *
   * @param {Kind} kind
   * @param {{ embedded?: boolean }} [options] `embedded`: commands start the server for their shadow databases themselves
   * @returns {{ folder: string, aludel: WarmCommandLine | undefined, close: () => void }} `aludel` may run its commands;
   *   `close` lets the next document have the workspace
   */
  open(kind, { embedded = false } = {}) {
    const known = this.#made.get(kind)
    if (known?.inUse) throw new Error(`the ${kind} workspace is in use`)
    known?.snapshot.restore()
    const workspace = known ?? this.#make(kind)
    workspace.inUse = true
    if (embedded && kind === 'repository') cpSync(join(root, configuration), join(workspace.folder, configuration))
    // An embedded server ends with the process that started it.
    const aludel = embedded ? undefined : workspace.aludel
    return { folder: workspace.folder, aludel, close: () => void (workspace.inUse = false) }
  }

  /** Deletes the folders. */
  remove() {
    for (const { folder, aludel } of this.#made.values()) {
      aludel?.stop()
      rmSync(folder, { recursive: true, force: true })
    }
    this.#made.clear()
  }

  /** @param {Kind} kind */
  #make(kind) {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'aludel-docs-')))
    try {
      if (kind === 'repository') copyRepository(folder)
      else writeFileSync(join(folder, 'package.json'), '{ "name": "my-app", "version": "1.0.0", "private": true }\n')
      linkModules(folder, kind === 'repository' ? folder : root)
      if (kind === 'repository' && this.#shadow !== undefined) nameShadowServer(folder, this.#shadow)
      // The files of an application may be ES modules, which a process never reloads.
      const aludel = kind === 'repository' ? new WarmCommandLine(folder) : undefined
      const workspace = { folder, snapshot: new Snapshot(folder), aludel, inUse: false }
      this.#made.set(kind, workspace)
      return workspace
    } catch (error) {
      rmSync(folder, { recursive: true, force: true })
      throw error
    }
  }
}

/** @param {string} folder */
function copyRepository(folder) {
  // Keeps the modification times, so that the build stays newer than its sources.
  const copy = (/** @type {string} */ path) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    cpSync(join(root, path), join(folder, path), { recursive: true, preserveTimestamps: true })
  }
  projectFiles().forEach(copy)
  for (const name of packageNames) {
    if (existsSync(join(root, 'packages', name, 'dist'))) copy(`packages/${name}/dist`)
    const nested = join(root, 'packages', name, 'node_modules')
    if (existsSync(nested)) symlinkSync(nested, join(folder, 'packages', name, 'node_modules'))
  }
  git(folder, 'init', '--quiet', '--initial-branch=main')
  // One pack file instead of many objects: a fifth of the files to write here and to compare later.
  git(folder, '-c', 'core.bigFileThreshold=1', 'add', '--all')
  git(folder, 'commit', '--quiet', '--message=The state of the documents')
}

/**
 * Names a server for shadow databases in the configuration, as a user may do, and hides the change from Git.
 *
 * @param {string} folder
 * @param {string} url
 */
function nameShadowServer(folder, url) {
  const path = join(folder, configuration)
  const config = { ...JSON.parse(readFileSync(path, 'utf8')), shadow: { postgres: url } }
  writeFileSync(path, JSON.stringify(config, null, 2) + '\n')
  git(folder, 'update-index', '--skip-worktree', configuration)
}

/**
 * @param {string} folder
 * @param {...string} args
 */
function git(folder, ...args) {
  execFileSync('git', args, { cwd: folder, env: gitEnvironment() })
}

/** @returns {NodeJS.ProcessEnv} an environment in which Git works the same on every machine */
export function gitEnvironment() {
  const identity = { NAME: 'Docs', EMAIL: 'docs@example.com' }
  const variables = Object.entries(identity).flatMap(([key, value]) => [
    [`GIT_AUTHOR_${key}`, value],
    [`GIT_COMMITTER_${key}`, value],
  ])
  return { ...process.env, ...Object.fromEntries(variables), GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' }
}
