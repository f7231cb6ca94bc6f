import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

/** The program that installs the packages of a project. */
export type PackageManager = 'npm' | 'pnpm' | 'yarn' | 'bun'

const lockFiles: readonly (readonly [name: string, manager: PackageManager])[] = [
  ['package-lock.json', 'npm'],
  ['npm-shrinkwrap.json', 'npm'],
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
]

/** The package manager of a project, by the nearest lock file from `directory` upwards; npm without one. */
export function packageManagerOf(directory: string): PackageManager {
  return findLockFile(directory)?.manager ?? 'npm'
}

/** The nearest lock file from `directory` upwards: its package manager, and the directory that is installed as a whole. */
export function findLockFile(
  directory: string,
): { readonly manager: PackageManager; readonly directory: string } | undefined {
  for (const current of upwards(directory)) {
    const found = lockFiles.find(([name]) => existsSync(path.join(current, name)))
    if (found !== undefined) return { manager: found[1], directory: current }
  }
  return undefined
}

/** @returns the command line that installs a package into the project of `directory`: `npm install pg` */
export function installLine(name: string, directory: string): string {
  const manager = packageManagerOf(directory)
  return `${manager} ${manager === 'npm' ? 'install' : 'add'} ${name}`
}

/**
 * The command line that builds the native part of an installed package. npm 12 and pnpm run the install script of a package only
 * if the project allows it: https://docs.npmjs.com/cli/commands/npm-install-scripts, https://pnpm.io/cli/approve-builds
 */
export function rebuildLine(name: string, directory: string): string {
  switch (packageManagerOf(directory)) {
    case 'npm':
      // Works with every version of npm, and when its configuration has ignore-scripts.
      return `npm pkg set "allowScripts.${name}=true" --json && npm rebuild ${name} --ignore-scripts=false`
    case 'pnpm':
      return `pnpm approve-builds && pnpm rebuild ${name}`
    case 'yarn':
      return `yarn rebuild ${name}`
    case 'bun':
      return `bun pm trust ${name}`
  }
}

/** Whether code in `directory` can load the package. */
export function isInstalled(name: string, directory: string): boolean {
  return findPackage(name, directory) !== undefined
}

/** @returns the directory of an installed package, without loading anything of it; undefined if there is none */
export function findPackage(name: string, directory: string): string | undefined {
  const require = createRequire(path.join(directory, 'x.js'))
  try {
    return path.dirname(require.resolve(`${name}/package.json`))
  } catch {
    // Not installed, or it does not export that file.
  }
  const folders = require.resolve.paths(name) ?? []
  return folders
    .map((folder) => path.join(folder, name))
    .find((folder) => existsSync(path.join(folder, 'package.json')))
}

/** A directory and those above it. */
export function* upwards(directory: string): Generator<string, void> {
  for (let current = path.resolve(directory); ; current = path.dirname(current)) {
    yield current
    if (path.dirname(current) === current) return
  }
}
