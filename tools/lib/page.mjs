// Builds the page of `aludel web` with Vite, so that whoever installs the package needs no build step.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import process from 'node:process'
import { root } from './process.mjs'

const folder = join(root, 'packages', 'web')
const config = join(folder, 'vite.config.mts')
/** The file that says from what the page was built. */
const stamp = join(folder, 'dist', '.page-inputs')

/** Builds the page to `packages/web/dist/page`, unless it is up to date. */
export async function buildPage() {
  const inputs = hashOf([
    ...filesBelow(join(folder, 'page', 'src')),
    join(folder, 'page', 'index.html'),
    config,
    join(root, 'package-lock.json'),
  ])
  const isThere = existsSync(join(folder, 'dist', 'page', 'index.html'))
  if (isThere && existsSync(stamp) && readFileSync(stamp, 'utf8') === inputs) return
  // Loaded only here: it takes longer than to see that there is nothing to do.
  const { build } = await import('vite')
  rmSync(stamp, { force: true })
  await build({ configFile: config, logLevel: 'warn' })
  writeFileSync(stamp, inputs)
}

/**
 * @param {string} directory
 * @returns {string[]}
 */
function filesBelow(directory) {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

/** @param {string[]} files */
function hashOf(files) {
  const hash = createHash('sha256').update(process.version)
  for (const file of files) hash.update(relative(root, file)).update('\0').update(readFileSync(file))
  return hash.digest('hex')
}
