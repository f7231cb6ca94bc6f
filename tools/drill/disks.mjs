import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmdirSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { requireThat, same } from './checks.mjs'
import { aludel, succeed } from './command.mjs'
import { openPostgres, queryAt } from './postgres.mjs'
import { first } from './project.mjs'

/** @typedef {import('./run.mjs').Line} Line */
/** @typedef {import('./run.mjs').Drilled} Drilled */

/**
 * Calls `work` with a disk of this many bytes; where none can be made, the part is skipped.
 *
 * @param {Line} line
 * @param {number} bytes
 * @param {(folder: string) => Promise<void>} work
 */
export async function withSmallDisk(line, bytes, work) {
  const folder = mkdtempSync(join(tmpdir(), 'aludel-drill-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${Math.ceil(bytes / 1024)}k`, 'tmpfs', folder], {
      stdio: 'ignore',
    })
  } catch {
    rmdirSync(folder)
    line.skipped = 'this account may not mount a disk'
    return
  }
  try {
    await work(folder)
  } finally {
    execFileSync('umount', ['--lazy', folder])
    rmdirSync(folder)
  }
}

/**
 * A backup to a disk that has too little room, and one to a disk that becomes full while it is written.
 *
 * @param {import('./run.mjs').Drill} drill
 * @param {Line} line
 */
export async function fullBackup(drill, line) {
  const { drilled } = drill
  const left = (/** @type {string} */ disk) =>
    existsSync(join(disk, 'backups')) ? readdirSync(join(disk, 'backups')).filter((name) => name !== '.gitignore') : []
  const expectNothing = async (/** @type {string} */ disk) => {
    requireThat(left(disk).length === 0, `it left ${left(disk).join(', ')}`)
    await drill.compare(line)
  }
  await withSmallDisk(line, 64 * 1024, async (disk) => {
    const { code, json, output } = await backUpTo(drilled, disk)
    line.runs += 1
    requireThat(code === 1 && json?.error?.details?.needed > 0, `it was not refused for its size: ${output}`)
    await expectNothing(disk)
  })
  if (line.skipped !== undefined) return
  await withSmallDisk(line, (await drilled.size()) * 4, async (disk) => {
    const { code, json, output } = await whileFilling(disk, left, () => backUpTo(drilled, disk))
    line.runs += 1
    requireThat(code === 1 && json?.error?.code === 'ALUDEL_BACKUP', `a backup on a full disk did not fail: ${output}`)
    await expectNothing(disk)
  })
}

/**
 * @param {Drilled} drilled
 * @param {string} disk
 */
function backUpTo({ folder }, disk) {
  return aludel(folder, ['backup', 'create', '--directory', join(disk, 'backups')])
}

/**
 * Fills a disk as soon as a command has begun to write a file there.
 *
 * @template T
 * @param {string} disk
 * @param {(disk: string) => readonly string[]} written
 * @param {() => Promise<T>} work
 */
async function whileFilling(disk, written, work) {
  let isFull = false
  const timer = setInterval(() => {
    if (isFull || written(disk).length === 0) return
    isFull = true
    fill(disk)
  }, 1)
  try {
    return await work()
  } finally {
    clearInterval(timer)
    // Whoever looks at the result needs room, too: SQLite makes a file to read a database in WAL mode.
    rmSync(join(disk, 'filler'), { force: true })
    requireThat(isFull, 'the disk was not filled in time')
  }
}

/**
 * Takes all bytes of a disk but this many.
 *
 * @param {string} disk
 * @param {number} [free]
 */
function fill(disk, free = 0) {
  const { bavail, bsize } = statfsSync(disk)
  const file = openSync(join(disk, 'filler'), 'w')
  try {
    const block = Buffer.alloc(1 << 20, 1)
    for (let more = Math.floor(bavail * bsize - free); more > 0; more -= block.length)
      writeSync(file, block, 0, Math.min(more, block.length))
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOSPC') throw error
  } finally {
    closeSync(file)
  }
}

/**
 * A full disk while restoring on SQLite: the file has a disk of its own, first with too little room for a second one, then one that
 * becomes full.
 *
 * @param {Drilled} drilled
 * @returns {Promise<Line>}
 */
export async function fullDiskSqlite(drilled) {
  /** @type {Line} */
  const line = { database: drilled.name, scenario: 'a full disk while restoring', runs: 0, kills: 0, left: 0, lost: 0 }
  try {
    const bytes = await drilled.size()
    const [manifest] = readdirSync(join(drilled.folder, 'backups')).filter((name) => name.endsWith('.json'))
    const id = String(manifest).replace('.json', '')
    const besides = (/** @type {string} */ disk) =>
      readdirSync(disk).filter((name) => name.includes('.tmp') || name.includes('before'))
    const restoreOn = async (
      /** @type {string} */ disk,
      /** @type {string} */ error,
      /** @type {(work: () => Promise<import('./command.mjs').Ended>) => Promise<import('./command.mjs').Ended>} */ during,
    ) => {
      const file = join(disk, 'app.db')
      copyFileSync(drilled.address, file)
      const before = await drilled.fingerprint(file)
      const args = ['backup', 'restore', id, '--yes', '--database-url', `sqlite:///${file}`]
      const { code, json, output } = await during(() => aludel(drilled.folder, args))
      line.runs += 1
      requireThat(code === 1 && json?.error?.code === error, `it was not refused with ${error}: ${output}`)
      requireThat(same(await drilled.fingerprint(file), before), 'rows are lost')
      requireThat(besides(disk).length === 0, `it left ${besides(disk).join(', ')}`)
    }
    await withSmallDisk(line, bytes * 1.5, (disk) => restoreOn(disk, 'ALUDEL_DISK_SPACE', (work) => work()))
    if (line.skipped === undefined)
      await withSmallDisk(line, bytes * 4, (disk) =>
        restoreOn(disk, 'ALUDEL_RESTORE', (work) => whileFilling(disk, besides, work)),
      )
  } catch (error) {
    line.problem = error instanceof Error ? error.message : String(error)
  }
  return line
}

/**
 * A full disk while restoring on PostgreSQL: the database is in a tablespace with a disk of its own.
 *
 * @param {string} server
 * @param {number} rows
 * @returns {Promise<Line>}
 */
export async function fullDiskPostgres(server, rows) {
  /** @type {Line} */
  const line = { database: 'postgres', scenario: 'a full disk while restoring', runs: 0, kills: 0, left: 0, lost: 0 }
  const drilled = await openPostgres({ server, rows })
  try {
    await succeed(drilled.folder, ['upgrade', first])
    await drilled.fill()
    const bytes = await drilled.size()
    const [empty] = await queryAt(server, `SELECT pg_database_size('template0')::float8 AS bytes`)
    const base = Number(empty?.['bytes'])
    await withSmallDisk(line, bytes * 4, async (disk) => {
      const [place] = await queryAt(server, 'SHOW data_directory')
      const owner = statSync(String(place?.['data_directory']))
      const folder = join(disk, 'space')
      mkdirSync(folder)
      chmodSync(disk, 0o755)
      chownSync(folder, owner.uid, owner.gid)
      const space = `${drilled.database}_space`
      await queryAt(server, `CREATE TABLESPACE ${space} LOCATION '${folder}'`)
      try {
        await queryAt(server, `ALTER DATABASE ${drilled.database} SET TABLESPACE ${space}`)
        const { json } = await succeed(drilled.folder, ['backup', 'create'])
        const before = await drilled.fingerprint()
        // Room for an empty database, many of whose pages are not on the disk yet, and some of the rows.
        fill(disk, base / 2 + (bytes - base) / 4)
        const failed = await aludel(drilled.folder, ['backup', 'restore', json.id, '--yes', '--disconnect'])
        line.runs += 1
        requireThat(
          failed.code === 1 && failed.json?.error?.code === 'ALUDEL_RESTORE',
          `it was not refused: ${failed.output}`,
        )
        requireThat(same(await drilled.fingerprint(), before), 'rows are lost')
        requireThat((await drilled.beside()).length === 0, 'something was left')
      } finally {
        await drilled.close()
        await queryAt(server, `DROP TABLESPACE IF EXISTS ${space}`)
      }
    })
  } catch (error) {
    line.problem = error instanceof Error ? error.message : String(error)
  } finally {
    await drilled.close()
  }
  return line
}
