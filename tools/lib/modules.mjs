import { lstatSync, mkdirSync, readdirSync, realpathSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { packageNames } from './nx.mjs'
import { root } from './process.mjs'

/**
 * Creates a node_modules of links: to our own packages in `home`, and to everything else in this repository.
 *
 * @param {string} folder in which it is created
 * @param {string} home a folder with `packages/`: the repository, or a copy of it
 * @param {string} [typeorm] the installed package that is `typeorm` there
 */
export function linkModules(folder, home, typeorm = 'typeorm') {
  const installed = join(root, 'node_modules')
  const modules = join(folder, 'node_modules')
  const link = (/** @type {string} */ target, /** @type {string} */ path) => symlinkSync(target, join(modules, path))
  mkdirSync(join(modules, '@aludel'), { recursive: true })
  mkdirSync(join(modules, '.bin'))
  for (const name of packageNames) link(join(home, 'packages', name), `@aludel/${name}`)
  for (const name of readdirSync(installed)) {
    if (!['@aludel', '.bin', '.cache', 'typeorm'].includes(name)) link(join(installed, name), name)
  }
  link(join(installed, typeorm), 'typeorm')
  for (const name of readdirSync(join(installed, '.bin'))) {
    const command = join(installed, '.bin', name)
    if (name !== 'aludel') link(lstatSync(command).isSymbolicLink() ? realpathSync(command) : command, `.bin/${name}`)
  }
  link(join(home, 'packages', 'cli', 'bin', 'aludel.js'), '.bin/aludel')
}
