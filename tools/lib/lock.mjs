import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as wait } from 'node:timers/promises'
import { root } from './process.mjs'

const pollMs = 100

/**
 * Does some work while no other command in this checkout does work of the same name: `npm start` beside `npm test` must not
 * install or build what the other is just using. A lock whose process has ended counts for nothing.
 *
 * It is used before anything is installed, and so has no library under it.
 *
 * @template T
 * @param {string} name `setup`: install and build; `test`: a whole run
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(name, work) {
  const folder = join(root, '.cache')
  const file = join(folder, `${name}.lock`)
  const own = `${file}.${process.pid}`
  mkdirSync(folder, { recursive: true })
  writeFileSync(own, String(process.pid))
  try {
    await acquire(file, own, name)
    try {
      return await work()
    } finally {
      rmSync(file, { force: true })
    }
  } finally {
    rmSync(own, { force: true })
  }
}

/**
 * @param {string} file
 * @param {string} own a file that holds our process id: a link to it is there whole, or not at all
 * @param {string} name
 */
async function acquire(file, own, name) {
  let isTold = false
  for (;;) {
    try {
      linkSync(own, file)
      return
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error
    }
    const holder = holderOf(file)
    if (holder === undefined) continue
    if (!isAlive(holder)) {
      // Renamed first: of two that find it, one gets it.
      try {
        renameSync(file, `${own}.stale`)
        rmSync(`${own}.stale`, { force: true })
      } catch {
        // The other one did.
      }
      continue
    }
    if (!isTold) console.log(`Waiting for process ${holder}: it holds ${file.slice(root.length + 1)} (${name}).`)
    isTold = true
    await wait(pollMs)
  }
}

/**
 * @param {string} file
 * @returns {number | undefined} `undefined` when it has gone meanwhile
 */
function holderOf(file) {
  try {
    return Number(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM'
  }
}
