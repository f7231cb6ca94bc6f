import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { root, run } from '../lib/process.mjs'

/** Reduces the colors of a picture to those of a palette. No dependency of the project: it takes 20 MB, and only pictures need it. */
const what = 'sharp@0.35.5'

/**
 * @returns {Promise<(picture: Buffer) => Promise<Buffer>>} makes a PNG smaller, with no difference that one sees
 * @throws {Error} if the library cannot be installed
 */
export async function optimizer() {
  const folder = join(root, 'node_modules', '.cache', 'screenshots')
  const done = join(folder, `${what}.installed`)
  if (!existsSync(done)) {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true }))
    const code = await run('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', what], {
      quiet: true,
      cwd: folder,
    })
    if (code !== 0) throw new Error(`${what} cannot be installed`)
    writeFileSync(done, '')
  }
  const sharp = createRequire(join(folder, 'package.json'))('sharp')
  return (picture) => sharp(picture).png({ palette: true, quality: 90, effort: 10, compressionLevel: 9 }).toBuffer()
}
