import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import type { DataSourceOptions } from 'typeorm'

import { readOnlySqlite, sqliteType } from '../../../../../tools/testing/databases'
import { AludelError } from '../../../src/errors'
import { connectError, errorText, isBusy } from '../../../src/dialect/sqlite/errors'
import { Databases } from './support'

const register = require.resolve('../../../../../tools/testing/register.cjs')
const databases = new Databases()
afterAll(() => databases.dispose())

/** Opens a database as the engine does, and returns the explained error. */
async function explained(
  database: string,
  options: object = {},
  use = 'SELECT * FROM sqlite_master',
): Promise<AludelError> {
  const all = { type: sqliteType, database, ...options } as DataSourceOptions
  try {
    const dataSource = await databases.open(all as object)
    await dataSource.query(use)
  } catch (error) {
    return connectError(error, all)
  }
  throw new Error('it could be opened')
}

/** Does the same in a separate process that is not root. */
function explainedToNobody(database: string, use: string): { code: string; message: string } {
  const result = spawnSync(
    process.execPath,
    ['--require', register, path.join(__dirname, 'open-database.cjs'), database, use],
    {
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
    },
  )
  if (result.status !== 0) throw new Error(result.stderr)
  return JSON.parse(result.stdout) as { code: string; message: string }
}

const inFolder = (name: string): string => path.join(databases.folder, name)
const write = 'CREATE TABLE t (a)'

describe('connectError', () => {
  test('reports a file that is not a database', async () => {
    writeFileSync(
      inFolder('notes.txt'),
      'these are notes, and there are enough of them to fill a header of a hundred bytes. '.repeat(20),
    )
    expect(await explained(inFolder('notes.txt'))).toMatchObject({
      code: 'ALUDEL_NOT_A_DATABASE',
      message: `"${inFolder('notes.txt')}" is not a SQLite database: file is not a database`,
      details: { database: inFolder('notes.txt') },
    })
  })

  test('reports a damaged database', async () => {
    const dataSource = await databases.with('CREATE TABLE t (a)', `INSERT INTO t VALUES ('${'x'.repeat(9000)}')`)
    const file = dataSource.options.database as string
    await dataSource.destroy()
    writeFileSync(file, Buffer.alloc(4000, 7), { flag: 'r+' })
    writeFileSync(file, 'SQLite format 3\0', { flag: 'r+' })
    expect((await explained(file)).code).toBe('ALUDEL_NOT_A_DATABASE')
  })

  test('reports a directory in place of the database', async () => {
    mkdirSync(inFolder('folder'))
    expect(await explained(inFolder('folder'))).toMatchObject({
      code: 'ALUDEL_CONNECT',
      message: `"${inFolder('folder')}" is a directory`,
    })
  })

  test('reports a file in place of a folder', async () => {
    writeFileSync(inFolder('file'), '')
    expect(await explained(inFolder('file/database.db'))).toMatchObject({
      code: 'ALUDEL_CONNECT',
      message: `"${inFolder('file')}" is a file, not a folder for the database`,
    })
  })

  test('reports a missing file that must exist', async () => {
    expect(await explained(inFolder('none.db'), readOnlySqlite)).toMatchObject({
      code: 'ALUDEL_DATABASE_MISSING',
      message: `there is no database "${inFolder('none.db')}"`,
    })
  })

  test('reports a missing folder', () => {
    const missing = path.join(inFolder('nowhere'), 'database.db')
    const error = connectError(new TypeError('Cannot open database because the directory does not exist'), {
      type: sqliteType,
      database: missing,
    })
    expect(error).toMatchObject({
      code: 'ALUDEL_DATABASE_MISSING',
      message: `there is no folder "${inFolder('nowhere')}" for the database`,
    })
  })

  test('reports a write to a database that is opened read-only', async () => {
    const dataSource = await databases.with('CREATE TABLE u (a)')
    const file = dataSource.options.database as string
    expect(await explained(file, readOnlySqlite, write)).toMatchObject({
      code: 'ALUDEL_READ_ONLY',
      message: `"${file}" cannot be written: attempt to write a readonly database`,
    })
  })

  test('reports a file that the user may not write, and one that it may not read', async () => {
    chmodSync(databases.folder, 0o755)
    const dataSource = await databases.with('CREATE TABLE u (a)')
    const file = dataSource.options.database as string
    await dataSource.destroy()
    chmodSync(file, 0o444)
    expect(explainedToNobody(file, write).code).toBe('ALUDEL_READ_ONLY')
    chmodSync(file, 0o000)
    expect(explainedToNobody(file, write)).toMatchObject({
      code: 'ALUDEL_PERMISSION',
      message: expect.stringContaining(`no permission to open "${file}"`) as string,
    })
  })

  test('reports a folder that the user may not write', () => {
    const folder = inFolder('closed')
    mkdirSync(folder)
    chmodSync(folder, 0o555)
    chmodSync(databases.folder, 0o755)
    expect(explainedToNobody(path.join(folder, 'new.db'), write).code).toBe('ALUDEL_PERMISSION')
    expect(explainedToNobody(path.join(folder, 'deeper', 'new.db'), write).code).toBe('ALUDEL_PERMISSION')
  })

  test('reports a database that another connection locks', async () => {
    const holder = await databases.with('BEGIN EXCLUSIVE')
    const error = await explained(holder.options.database as string, { timeout: 0 })
    expect(error).toMatchObject({
      code: 'ALUDEL_LOCKED',
      message: expect.stringContaining('database is locked') as string,
    })
    expect(isBusy(error.cause)).toBe(true)
    await holder.query('ROLLBACK')
  })

  test('returns an AludelError unchanged, and keeps any other error as the cause', () => {
    const error = new AludelError('ALUDEL_SHADOW', 'said before')
    expect(connectError(error, { type: sqliteType, database: 'x' })).toBe(error)
    const cause = new Error('disk I/O error')
    expect(connectError(cause, { type: sqliteType, database: 'x' })).toMatchObject({
      code: 'ALUDEL_CONNECT',
      cause,
    })
  })
})

describe('errorText', () => {
  test("returns SQLite's own message without the prefix of the driver", async () => {
    const dataSource = await databases.with()
    const error = await dataSource.query('SELECT * FROM nowhere').catch((caught: unknown) => caught)
    expect((error as Error).message).toMatch(/no such table: nowhere$/)
    expect(errorText(error)).toBe('no such table: nowhere')
    expect(errorText(new Error('SQLITE_ERROR: no such table: nowhere'))).toBe('no such table: nowhere')
    expect(errorText('a text')).toBe('a text')
  })
})
