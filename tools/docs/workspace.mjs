import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { projectFiles } from '../lib/files.mjs'
import { linkModules } from '../lib/modules.mjs'
import { packageNames } from '../lib/nx.mjs'
import { root } from '../lib/process.mjs'

/**
 * A folder to run the commands of a document in, where nothing that they do can hurt: a copy of this repository,
 * installed and built, or an empty project that has Aludel installed.
 *
 * @param {'repository' | 'empty'} kind
 * @returns {{ folder: string, remove: () => void }}
 */
export function createWorkspace(kind) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'aludel-docs-')))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    if (kind === 'repository') copyRepository(folder)
    else writeFileSync(join(folder, 'package.json'), '{ "name": "my-app", "version": "1.0.0", "private": true }\n')
    linkModules(folder, kind === 'repository' ? folder : root)
  } catch (error) {
    remove()
    throw error
  }
  return { folder, remove }
}

/** @param {string} folder */
function copyRepository(folder) {
  // With their times, so that what is built is seen to be newer than its sources.
  const copy = (/** @type {string} */ path) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    cpSync(join(root, path), join(folder, path), { recursive: true, preserveTimestamps: true })
  }
  projectFiles().forEach(copy)
  for (const name of packageNames) if (existsSync(join(root, 'packages', name, 'dist'))) copy(`packages/${name}/dist`)
  const git = (/** @type {string[]} */ ...args) => execFileSync('git', args, { cwd: folder, env: gitEnvironment() })
  git('init', '--quiet', '--initial-branch=main')
  git('add', '--all')
  git('commit', '--quiet', '--message=The state of the documents')
}

/** @returns {NodeJS.ProcessEnv} an environment in which Git works alike on every machine */
export function gitEnvironment() {
  const identity = { NAME: 'Docs', EMAIL: 'docs@example.com' }
  const variables = Object.entries(identity).flatMap(([key, value]) => [
    [`GIT_AUTHOR_${key}`, value],
    [`GIT_COMMITTER_${key}`, value],
  ])
  return { ...process.env, ...Object.fromEntries(variables), GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' }
}
