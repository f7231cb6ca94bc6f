import { rmSync } from 'node:fs'
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import type { DataSource, DataSourceOptions } from 'typeorm'

import { AludelError, isAludelError } from '../../errors'
import { modelOptions, passive } from '../connection-options'
import type { ShadowDatabase, ShadowOptions, ShadowOrigin, ShadowServer } from '../roles/shadow'
import { sweepTemporary, temporaryBeside } from '../temporary-files'
import { initializeInformed, readEntities } from '../typeorm-decorators'
import { connectionOptions, newDataSource, siblingOptions } from './driver'
import { driverTypes } from './entry'
import { errorText } from './errors'
import { sqliteVersion } from './info'
import { quoteText } from './quote'

/** A shadow server of databases in memory. */
export async function openShadow({ template }: ShadowOptions): Promise<ShadowServer> {
  const open = new Set<DataSource>()
  /** Without a connection, and with the options of the template: they know the entities, and are given out again. */
  const closed: DataSource[] = []
  /** The folder with the files of origins and of their copies, once there is one. */
  let folder: Promise<string> | undefined
  let origins = 0
  let copies = 0
  const probe = await initialize(scratchSource(template, { entities: [] }).dataSource)
  const version = await sqliteVersion(probe)
  await close(probe)
  return {
    dialect: 'sqlite',
    setting: version,
    describe: async () => {
      const { dataSource, options } = scratchSource(template, {})
      await readEntities(dataSource)
      closed.push(dataSource)
      return { dataSource, options }
    },
    openBeside: async (file) => {
      if (file === undefined) throw new AludelError('ALUDEL_SHADOW', 'a database in memory has no disk')
      const folder = path.dirname(file)
      await sweepTemporary(folder)
      const scratch = temporaryBeside(file)
      const remove = async (): Promise<void> => {
        for (const ending of ['', '-journal', '-wal', '-shm']) await rm(scratch + ending, { force: true })
      }
      try {
        const dataSource = await initialize(scratchSource(template, {}, scratch).dataSource)
        open.add(dataSource)
        const drop = async (): Promise<void> => {
          await close(dataSource)
          open.delete(dataSource)
          await remove()
        }
        return { dataSource, drop, giveBack: drop }
      } catch (error) {
        await remove()
        throw error
      }
    },
    open: async (overrides): Promise<ShadowDatabase> => {
      const known = overrides === undefined ? closed.pop() : undefined
      const dataSource = await initialize(known ?? scratchSource(template, overrides ?? {}).dataSource)
      open.add(dataSource)
      const drop = async (): Promise<void> => {
        await close(dataSource)
        if (open.delete(dataSource) && overrides === undefined) closed.push(dataSource)
      }
      return { dataSource, drop, giveBack: drop }
    },
    keep: async (database): Promise<ShadowOrigin | undefined> => {
      const files = await (folder ??= newFolder())
      const origin = path.join(files, `origin-${String(++origins)}.db`)
      try {
        await database.dataSource.query(`VACUUM INTO ${quoteText(origin)}`)
      } catch {
        // A function or a collation that it needs may be gone, or the disk is full.
        return undefined
      }
      await database.drop()
      return {
        copy: async () => {
          const file = path.join(files, `copy-${String(++copies)}.db`)
          await copyFile(origin, file)
          const copy = await initialize(scratchSource(template, {}, file).dataSource)
          open.add(copy)
          // Nobody needs it after a crash.
          await copy.query('PRAGMA synchronous = off')
          const remove = async (): Promise<void> => {
            open.delete(copy)
            await close(copy)
            await rm(file, { force: true }).catch(() => undefined)
          }
          return { dataSource: copy, drop: remove, giveBack: remove }
        },
        drop: () => rm(origin, { force: true }).catch(() => undefined),
      }
    },
    close: async () => {
      for (const dataSource of open) await close(dataSource)
      if (folder !== undefined) removeFolder(await folder)
    },
  }
}

/** Removed when the process ends in the middle of a command. */
const folders = new Set<string>()

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'aludel-shadow-'))
  if (folders.size === 0) process.on('exit', removeFolders)
  folders.add(folder)
  return folder
}

function removeFolder(folder: string): void {
  folders.delete(folder)
  if (folders.size === 0) process.off('exit', removeFolders)
  try {
    rmSync(folder, { recursive: true, force: true })
  } catch {
    // It is among temporary files, which others remove.
  }
}

function removeFolders(): void {
  for (const folder of folders) removeFolder(folder)
}

/**
 * A DataSource for a scratch database, with the driver of the template, or else with the first that is installed.
 *
 * @param database a file; default: in memory
 */
function scratchSource(
  template: DataSource,
  overrides: Partial<DataSourceOptions>,
  database = ':memory:',
): { readonly dataSource: DataSource; readonly options: Record<string, unknown> } {
  const own = driverTypes.find((type) => type === template.options.type)
  const failures: unknown[] = []
  for (const type of own === undefined ? driverTypes : [own]) {
    const base = own === undefined ? { ...passive, type } : siblingOptions(template.options)
    try {
      const options = {
        // TypeORM resolves the other files of entities against it, and fails without a name where it is missing.
        baseDirectory: process.cwd(),
        ...base,
        ...modelOptions(template.options, { driverTypes, options: connectionOptions }),
        ...overrides,
        type,
        database,
      }
      // The constructor loads the driver.
      const dataSource = newDataSource(template, options)
      refuseOtherFiles(dataSource.driver)
      return { dataSource, options }
    } catch (error) {
      if (!isMissingDriver(error)) throw error
      failures.push(error)
    }
  }
  throw new AludelError('ALUDEL_SHADOW', 'no SQLite driver is installed', {
    help: 'Install one: npm install better-sqlite3',
    cause: failures[0],
  })
}

/** Opening a database in memory cannot fail, so an error is about the entities. */
async function initialize(dataSource: DataSource): Promise<DataSource> {
  try {
    await initializeInformed(dataSource)
    return dataSource
  } catch (error) {
    await close(dataSource)
    if (isAludelError(error)) throw error
    throw new AludelError('ALUDEL_ENTITIES', `TypeORM does not accept the entities for SQLite: ${errorText(error)}`, {
      cause: error,
    })
  }
}

/**
 * TypeORM attaches the files of entities that have their own `database`, and creates missing ones. So this is checked once
 * it knows the entities, and before it attaches a file.
 */
function refuseOtherFiles(driver: DataSource['driver']): void {
  const afterConnect = driver.afterConnect.bind(driver)
  driver.afterConnect = () => {
    const files = 'attachedDatabases' in driver ? Object.keys(driver.attachedDatabases as object) : []
    if (files.length === 0) return afterConnect()
    throw new AludelError('ALUDEL_ENTITIES', `an entity is in another database file: ${files.join(', ')}`, {
      help: 'Entities with their own `database` are not supported: the file would be changed, not a shadow of it.',
      details: { databases: files },
    })
  }
}

function isMissingDriver(error: unknown): boolean {
  return error instanceof Error && /DriverPackageNotInstalled|MissingDriver/.test(error.name)
}

async function close(dataSource: DataSource): Promise<void> {
  try {
    if (dataSource.isInitialized) await dataSource.destroy()
  } catch {
    // It ends with the process.
  }
}
