// Compiles one package: `node tools/build.mjs packages/engine`.
// The compiler never deletes, so what it made of a source that is gone would stay in dist/, and a revision that was
// deleted or belongs to another branch would still be found there. That is taken away first.
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { root, run } from './lib/process.mjs'

const folder = process.argv[2]
if (folder === undefined) {
  console.error('usage: node tools/build.mjs packages/NAME')
  process.exit(2)
}

const source = join(root, folder, 'src')
const built = join(root, folder, 'dist')
if (existsSync(built)) prune('')
process.exitCode = await run('tsc', ['-b', folder])

/** @param {string} path a folder inside dist */
function prune(path) {
  for (const entry of readdirSync(join(built, path), { withFileTypes: true })) {
    const inside = join(path, entry.name)
    if (entry.isDirectory()) {
      if (existsSync(join(source, inside))) prune(inside)
      else rmSync(join(built, inside), { recursive: true })
      continue
    }
    const stem = inside.match(/^(.*?)(?:\.d)?\.js(?:\.map)?$|^(.*?)\.d\.ts(?:\.map)?$/)
    const name = stem?.[1] ?? stem?.[2]
    if (name !== undefined && !existsSync(join(source, name + '.ts'))) rmSync(join(built, inside))
  }
}
