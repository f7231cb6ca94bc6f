import { rmSync } from 'node:fs'
import path from 'node:path'

import type { DataSource } from 'typeorm'

import { canMount, SmallDisk } from '../../../../../tools/testing/small-disk'
import { AludelError } from '../../../src/errors'
import { judgeSpace, preflight } from '../../../src/dialect/sqlite/preflight'
import { Databases } from './support'

const databases = new Databases()
afterAll(() => databases.dispose())

const megabyte = 1024 * 1024

test('judgeSpace refuses a full disk, warns about little space, and is silent otherwise', () => {
  expect(() => judgeSpace(megabyte - 1, 0, '/data')).toThrow(AludelError)
  expect(() => judgeSpace(megabyte - 1, 0, '/data')).toThrow(/the disk of "\/data" is full: 1\.0 MB free/)
  expect(judgeSpace(9 * megabyte, 0, '/data')).toMatch(/9\.0 MB free/)
  expect(judgeSpace(200 * megabyte, 300 * megabyte, '/data')).toMatch(/the database has 300\.0 MB/)
  expect(judgeSpace(10 * megabyte, 0, '/data')).toBeUndefined()
  expect(judgeSpace(300 * megabyte, 300 * megabyte, '/data')).toBeUndefined()
})

/** The warnings of a preflight of this database. */
async function warningsOf(database: DataSource): Promise<string[]> {
  const warnings: string[] = []
  await preflight(database.createQueryRunner(), {
    historyTable: 'migrations',
    journalTable: 'aludel_journal',
    lock: 'session',
    statements: () => Promise.resolve([]),
    warn: (message) => warnings.push(message),
  })
  return warnings
}

/** Needs permission to mount. */
const onSmallDisk = canMount ? test : test.skip

onSmallDisk('preflight checks the disk of the database, and none for a database in memory', async () => {
  const disk = await SmallDisk.mount(16)
  const before = process.cwd()
  try {
    process.chdir(disk.folder)
    const onDisk = await databases.open({ database: path.join(disk.folder, 'app.db') }, 'CREATE TABLE t (a)')
    const inMemory = await databases.open({ database: ':memory:' })
    expect(await warningsOf(onDisk)).toEqual([])
    await disk.fill(5 * 1024)
    expect(await warningsOf(onDisk)).toEqual([
      expect.stringContaining(`the disk of "${disk.folder}" has 5.0 MB free`) as string,
    ])
    await disk.fill(500)
    await expect(warningsOf(onDisk)).rejects.toMatchObject({
      code: 'ALUDEL_DISK_SPACE',
      details: { folder: disk.folder },
    })
    expect(await warningsOf(inMemory)).toEqual([])
  } finally {
    process.chdir(before)
    await disk.unmount()
  }
})

test('preflight refuses a database whose folder cannot be written', async () => {
  const folder = path.join(databases.folder, 'gone')
  const dataSource = await databases.open({ database: path.join(folder, 'app.db') })
  // Root may write to every folder that exists.
  rmSync(folder, { recursive: true })
  await expect(warningsOf(dataSource)).rejects.toMatchObject({
    code: 'ALUDEL_READ_ONLY',
    message: `"${folder}" cannot be written by this user`,
  })
})
