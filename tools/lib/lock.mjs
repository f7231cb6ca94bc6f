import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as wait } from 'node:timers/promises'
import { root } from './process.mjs'

const pollMs = 100

/**
 * Does some work while no other command in this checkout does work of the same name: `npm start` must not install or build files
 * that a running `npm test` uses. A lock whose process has ended is ignored.
 *
 * It uses no library, because it runs before anything is installed.
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
 * @param {string} own a file with our process id; creating a hard link to it is atomic
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
      // Renamed first: if two processes find it, only one succeeds.
      try {
        renameSync(file, `${own}.stale`)
        rmSync(`${own}.stale`, { force: true })
      } catch {
        // The other process renamed it.
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
 * @returns {number | undefined} `undefined` if the file was removed meanwhile
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
