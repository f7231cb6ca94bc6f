import { isAbsolute, relative } from 'node:path'
import { projectFiles } from './files.mjs'
import { packageNames } from './nx.mjs'
import { root } from './process.mjs'

/**
 * A task that runs some test files.
 *
 * @typedef {object} Selected
 * @property {string} task for example `engine:test`
 * @property {string[]} args of Node
 * @property {string[]} files relative to the root
 */

/**
 * The test files whose path contains one of these texts, as the tasks that run them.
 *
 * @param {readonly string[]} paths none means all files; an absolute path is made relative to the root
 * @returns {{ tasks: Selected[], missing: string[] }} `missing`: the texts that no path of a test file contains
 */
export function select(paths) {
  const files = projectFiles().filter((file) =>
    /^(?:packages\/[^/]+\/test\/.*\.test\.ts|tools\/test\/[^/]+\.test\.mjs)$/.test(file),
  )
  const wanted = paths.map((path) => (isAbsolute(path) ? relative(root, path) : path.replace(/^\.\//, '')))
  const selected = files.filter((file) => wanted.length === 0 || wanted.some((path) => file.includes(path)))
  const missing = paths.filter((_, index) => !files.some((file) => file.includes(String(wanted[index]))))
  const tasks = ['tools', ...packageNames].map((name) => ({
    task: `${name}:test`,
    args: name === 'tools' ? ['tools/run-node-test.mjs'] : ['tools/run-jest.mjs', name, '--runTestsByPath'],
    files: selected.filter((file) => file.startsWith(name === 'tools' ? 'tools/' : `packages/${name}/`)),
  }))
  return { tasks: tasks.filter((task) => task.files.length > 0), missing }
}
