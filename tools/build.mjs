// Compiles the packages: `node tools/build.mjs`. It does not touch files that are up to date, because another command in the same
// checkout may be using them.
// The compiler never deletes its output, so a revision that was deleted or belongs to another branch would still be found in
// dist/. The output of missing sources is deleted first.
// Then what Node loads of the engine and the command line is bundled, and the page of the web package is built: see lib/bundle.mjs and
// lib/page.mjs.
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { bundlePackages } from './lib/bundle.mjs'
import { compile } from './lib/compiler.mjs'
import { withLock } from './lib/lock.mjs'
import { packageNames } from './lib/nx.mjs'
import { buildPage } from './lib/page.mjs'
import { root } from './lib/process.mjs'

process.exitCode = await withLock('setup', async () => {
  for (const name of packageNames) {
    const folder = join(root, 'packages', name)
    if (existsSync(join(folder, 'dist'))) prune(folder, '')
  }
  const failed = await compile(['tsconfig.json'])
  if (failed !== 0) return failed
  await bundlePackages()
  await buildPage()
  return 0
})

/**
 * @param {string} folder of a package
 * @param {string} path a folder inside dist
 */
function prune(folder, path) {
  const [source, built] = [join(folder, 'src'), join(folder, 'dist')]
  for (const entry of readdirSync(join(built, path), { withFileTypes: true })) {
    const inside = join(path, entry.name)
    if (entry.isDirectory()) {
      if (inside === 'bundle' || inside === 'page') continue
      if (existsSync(join(source, inside))) prune(folder, inside)
      else rmSync(join(built, inside), { recursive: true })
      continue
    }
    const stem = inside.match(/^(.*?)(?:\.d)?\.js(?:\.map)?$|^(.*?)\.d\.ts(?:\.map)?$/)
    const name = stem?.[1] ?? stem?.[2]
    if (name !== undefined && !existsSync(join(source, name + '.ts'))) rmSync(join(built, inside))
  }
}
