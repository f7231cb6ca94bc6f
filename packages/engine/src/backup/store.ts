import { randomBytes } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'

import { makeFolder } from '../dialect/make-folder'
import { isTemporary, sweepTemporary, temporaryBeside } from '../dialect/temporary-files'
import { AludelError, isAludelError, messageOf } from '../errors'
import type { Manifest } from './manifest'

/* eslint-disable-next-line @typescript-eslint/no-require-imports -- not needed to decide whether there is a backup to make */
const schema = () => require('./manifest-schema') as typeof import('./manifest-schema')

/**
 * A backup in the directory. `complete`: it has its manifest · `unfinished`: a process ended before the manifest was written ·
 * `old`: made by a version without manifests · `unreadable`: its manifest is damaged, of a later version, or not one
 */
export type StoredBackup =
  | { readonly state: 'complete'; readonly id: string; readonly path: string; readonly manifest: Manifest }
  | {
      readonly state: 'unfinished' | 'old' | 'unreadable'
      readonly id: string
      readonly path: string
      readonly bytes: number
      readonly createdAt: Date
      /** Why a manifest is `unreadable`. */
      readonly problem?: string
    }

const idPattern = /^\d{8}T\d{6}Z-[0-9a-f]{4}$/
const contentEndings = ['.db', '.dump', '.tables']
const manifestEnding = '.json'
/** Files of versions without manifests: `before-2025-11-22T08-40-00-000Z.dump`. */
const oldPattern = /^before-.+\.(?:db|dump)$/

/** True for the form of ids: `20261130T041500Z-9f3c`. */
export function isBackupId(text: string): boolean {
  return idPattern.test(text)
}

/** A new id, from the time in UTC. */
export function newBackupId(now: Date): string {
  const time = now.toISOString().replace(/\.\d+Z$/, 'Z')
  return `${time.replaceAll(/[-:]/g, '')}-${randomBytes(2).toString('hex')}`
}

/** The directory of the backups of a project. Only its owner can read what is written to it. */
export class BackupStore {
  constructor(readonly directory: string) {}

  /**
   * Creates the directory when it is missing, with a `.gitignore` inside that excludes all of it from Git, and checks that it can
   * be written. In a directory that exists, Git and permissions are the choice of whoever made it.
   *
   * @throws AludelError `ALUDEL_BACKUP`
   */
  async prepare(): Promise<void> {
    try {
      if (await makeFolder(this.directory, 0o700))
        await writeFile(path.join(this.directory, '.gitignore'), '# Backups contain the rows of the database.\n*\n')
      // Only trying shows whether it can be written: permissions are not all that can forbid it.
      const probe = temporaryBeside(path.join(this.directory, 'probe'))
      await writeFile(probe, '', { mode: 0o600, flag: 'wx' })
      await rm(probe, { force: true })
    } catch (cause) {
      throw directoryError(this.directory, cause)
    }
  }

  /** Removes what killed processes left. Never throws. */
  async sweep(): Promise<void> {
    await sweepTemporary(this.directory)
  }

  /** A new id, which nothing in the directory has. */
  async newId(now: Date): Promise<string> {
    const names = await this.#names()
    for (;;) {
      const id = newBackupId(now)
      if (![...names].some((name) => name.startsWith(id))) return id
    }
  }

  /** The path of a backup's file or folder. */
  pathOf(id: string, ending: string): string {
    return path.join(this.directory, id + ending)
  }

  /**
   * Makes an empty file, or an empty folder, that only its owner can read, under a temporary name.
   *
   * @throws AludelError `ALUDEL_BACKUP`
   */
  async begin(id: string, ending: string, kind: 'file' | 'folder'): Promise<string> {
    const partial = temporaryBeside(this.pathOf(id, ending))
    try {
      if (kind === 'folder') await mkdir(partial, { mode: 0o700 })
      else await (await open(partial, 'wx', 0o600)).close()
      return partial
    } catch (cause) {
      throw directoryError(this.directory, cause)
    }
  }

  /**
   * Gives a copy its name and writes its manifest, which makes it a backup. Syncs both first.
   *
   * @param partial the result of {@link begin}
   */
  async finish(partial: string, manifest: Manifest): Promise<void> {
    const target = path.join(this.directory, manifest.file)
    const file = path.join(this.directory, manifest.id + manifestEnding)
    const written = temporaryBeside(file)
    try {
      await writeFile(written, `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
      await syncFile(written)
      if (manifest.files.length !== 1 || manifest.files[0]?.name !== manifest.file)
        for (const { name } of manifest.files) await syncFile(path.join(partial, name))
      else await syncFile(partial)
      await rename(partial, target)
      await rename(written, file)
      await syncFile(this.directory, 'r').catch(() => undefined)
    } catch (error) {
      await rm(written, { force: true }).catch(() => undefined)
      await rm(target, { force: true, recursive: true }).catch(() => undefined)
      throw error
    }
  }

  /** Removes what {@link begin} made, and what a driver put beside it. Never throws. */
  async abandon(partial: string): Promise<void> {
    for (const ending of ['', '-journal', '-wal', '-shm'])
      await rm(partial + ending, { force: true, recursive: true }).catch(() => undefined)
  }

  /**
   * The backups, newest first; empty if there is no directory.
   *
   * @throws AludelError `ALUDEL_BACKUP` when the directory cannot be read
   */
  async list(): Promise<readonly StoredBackup[]> {
    const names = await this.#names()
    const found: StoredBackup[] = []
    for (const name of names) {
      const id = path.basename(name, path.extname(name))
      if (isBackupId(id) && name.endsWith(manifestEnding)) found.push(await this.#readManifest(id))
      else if (oldPattern.test(name)) found.push(await this.#without('old', id, name))
      else if (isBackupId(id) && contentEndings.includes(path.extname(name)) && !names.has(id + manifestEnding))
        found.push(await this.#without('unfinished', id, name))
    }
    return found.sort((a, b) => timeOf(b) - timeOf(a) || (a.id < b.id ? 1 : -1))
  }

  /**
   * One backup.
   *
   * @param ref an id, a unique prefix of one, or `latest`: the newest complete one
   * @param isEligible which ones `latest` may be
   * @throws AludelError `ALUDEL_UNKNOWN_BACKUP`
   */
  async find(ref: string, isEligible: (manifest: Manifest) => boolean = () => true): Promise<StoredBackup> {
    const all = await this.list()
    if (ref === 'latest') {
      const newest = all.find((one) => one.state === 'complete' && isEligible(one.manifest))
      if (newest !== undefined) return newest
      throw noBackup(ref, `there is no backup of this database in ${this.directory}`, all)
    }
    const exact = all.find(({ id }) => id === ref)
    if (exact !== undefined) return exact
    const [only, ...others] = ref === '' ? [] : all.filter(({ id }) => id.startsWith(ref))
    if (only === undefined) throw noBackup(ref, `no backup in ${this.directory} starts with "${ref}"`, all)
    if (others.length > 0) throw noBackup(ref, `several backups start with "${ref}"`, [only, ...others])
    return only
  }

  /**
   * Removes a backup: its manifest first, so that what is left of an interrupted removal is not taken for a backup.
   *
   * @throws AludelError `ALUDEL_BACKUP`
   */
  async remove({ id, path: content }: Pick<StoredBackup, 'id' | 'path'>): Promise<void> {
    try {
      if (isBackupId(id)) await rm(path.join(this.directory, id + manifestEnding), { force: true })
      await rm(content, { force: true, recursive: true })
    } catch (cause) {
      throw new AludelError('ALUDEL_BACKUP', `backup ${id} cannot be removed: ${messageOf(cause)}`, {
        help: 'Check the permissions of the folder.',
        details: { directory: this.directory },
        cause,
      })
    }
  }

  async #names(): Promise<ReadonlySet<string>> {
    try {
      return new Set((await readdir(this.directory)).filter((name) => !isTemporary(name)))
    } catch (cause) {
      if (codeOf(cause) === 'ENOENT') return new Set()
      throw new AludelError('ALUDEL_BACKUP', `the folder ${this.directory} cannot be read: ${messageOf(cause)}`, {
        help: 'Check its permissions, and backup.directory of the configuration.',
        details: { directory: this.directory },
        cause,
      })
    }
  }

  async #readManifest(id: string): Promise<StoredBackup> {
    const name = id + manifestEnding
    const file = path.join(this.directory, name)
    try {
      const manifest = schema().parseManifest(await readFile(file, 'utf8'), file)
      if (manifest.id !== id) throw new Error(`${file} is the manifest of ${manifest.id}`)
      return { state: 'complete', id, path: path.join(this.directory, manifest.file), manifest }
    } catch (error) {
      const problem = isAludelError(error) || !(error instanceof Error) ? messageOf(error) : error.message
      return { ...(await this.#without('unreadable', id, name)), problem }
    }
  }

  async #without(state: 'unfinished' | 'old' | 'unreadable', id: string, name: string) {
    const file = path.join(this.directory, name)
    const found = await stat(file).catch(() => undefined)
    const createdAt = found?.mtime ?? new Date(0)
    return { state, id, path: file, bytes: found?.size ?? 0, createdAt }
  }
}

/** When a backup was made. */
export function timeOf(backup: StoredBackup): number {
  return backup.state === 'complete' ? Date.parse(backup.manifest.createdAt) : backup.createdAt.getTime()
}

function noBackup(ref: string, message: string, candidates: readonly StoredBackup[]): AludelError {
  const ids = candidates.map(({ id }) => id)
  return new AludelError('ALUDEL_UNKNOWN_BACKUP', message, {
    help: ids.length === 0 ? 'Make one with `aludel backup create`.' : `One of ${ids.slice(0, 8).join(', ')}.`,
    details: { backup: ref, candidates: ids },
  })
}

/** The error of a directory that cannot be created or written. */
function directoryError(directory: string, cause: unknown): AludelError {
  return new AludelError('ALUDEL_BACKUP', `${directory} cannot hold backups: ${reasonOf(cause)}`, {
    help:
      'Nothing was changed. Name another folder with backup.directory in the configuration, or continue without a ' +
      'backup: --backup never',
    details: { directory },
    cause,
  })
}

const reasons: Readonly<Record<string, string>> = {
  EEXIST: 'it is a file, or a part of its path is one',
  ENOTDIR: 'it is a file, or a part of its path is one',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'its disk is read-only',
  ENOSPC: 'its disk is full',
  EDQUOT: 'the disk quota is used up',
}

function reasonOf(cause: unknown): string {
  return reasons[codeOf(cause)] ?? messageOf(cause)
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
}

/** Waits until the content is on the disk. Windows needs the right to write for it, and a folder cannot be opened for writing. */
async function syncFile(file: string, flags: 'r' | 'r+' = 'r+'): Promise<void> {
  const handle = await open(file, flags)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
