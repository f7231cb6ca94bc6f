import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmdirSync,
  statfsSync,
  statSync,
  writeFileSync,
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
 * A full disk while restoring on SQLite: the file has a disk of its own, with room for itself and a part of the new one.
 *
 * @param {Drilled} drilled
 * @returns {Promise<Line>}
 */
export async function fullDiskSqlite(drilled) {
  /** @type {Line} */
  const line = { database: drilled.name, scenario: 'a full disk while restoring', runs: 0, kills: 0, left: 0, lost: 0 }
  try {
    const bytes = await drilled.size()
    await withSmallDisk(line, bytes * 1.5, async (disk) => {
      const file = join(disk, 'app.db')
      copyFileSync(drilled.address, file)
      const before = await drilled.fingerprint(file)
      const [id] = readdirSync(join(drilled.folder, 'backups')).filter((name) => name.endsWith('.json'))
      const args = [
        'backup',
        'restore',
        String(id).replace('.json', ''),
        '--yes',
        '--database-url',
        `sqlite:///${file}`,
      ]
      const { code, json, output } = await aludel(drilled.folder, args)
      line.runs += 1
      requireThat(code === 1 && json?.error?.code === 'ALUDEL_DISK_SPACE', `it was not refused: ${output}`)
      requireThat(same(await drilled.fingerprint(file), before), 'rows are lost')
      const left = readdirSync(disk).filter((name) => name.includes('.tmp') || name.includes('before'))
      requireThat(left.length === 0, `it left ${left.join(', ')}`)
    })
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
        const { bavail, bsize } = statfsSync(disk)
        writeFileSync(join(disk, 'filler'), Buffer.alloc(Math.max(0, bavail * bsize - base / 2 - (bytes - base) / 4)))
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
