import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { DataSource, type DataSourceOptions } from 'typeorm'

import { initializeDatabase } from '../../src/initialize-database'
import { dialectNames, openDatabase, type TestDatabase, tableNames } from './databases'
import { idOf, letters, nameOf, Releases, writeRelease } from './release-files'
import { rejection } from './revisions'

const { a, b, c } = letters
const nowhere: DataSourceOptions = { type: 'postgres', url: 'postgres://app@nowhere.invalid/app' }

describe.each(dialectNames)('an expected head on %s', (dialect) => {
  let folder: string
  let releases: Releases
  let database: TestDatabase
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'aludel-head-'))
    releases = new Releases(folder)
    database = await openDatabase(dialect)
  })
  afterEach(async () => {
    await releases.close()
    await database.drop()
    await rm(folder, { recursive: true, force: true })
  })
  const image: Releases['of'] = (...given) => releases.of(...given)

  test.each([
    ['the id', idOf('b')],
    ['the start of it', 'bbb'],
    ['head', 'head'],
    ['heads', ['heads']],
  ])('that is named by %s lets the upgrade run, and run again', async (_what, expectHead) => {
    const one = await image([a, b], database.options)
    expect((await one.upgrade('head', { expectHead })).steps).toHaveLength(2)
    expect((await one.upgrade('head', { expectHead })).steps).toEqual([])
  })

  test('is the set of all heads', async () => {
    const one = await image([a, b, c], database.options)
    expect(await rejection(one.upgrade('heads', { expectHead: idOf('b') }))).toMatchObject({
      code: 'ALUDEL_UNEXPECTED_HEAD',
      message: `the heads of these files are ${idOf('b')}, ${idOf('c')}, not ${idOf('b')}`,
    })
    expect((await one.upgrade('heads', { expectHead: ['reports', idOf('b')] })).steps).toHaveLength(3)
  })

  test.each(['current', '+1', 'b@-1'])('cannot be %s, which depends on the database', async (expectHead) => {
    expect(await rejection((await image([a, b], database.options)).upgrade('head', { expectHead }))).toMatchObject({
      kind: 'usage',
    })
  })

  test('keeps an old image from migrating a database that a newer release has migrated', async () => {
    await (await image([a, b], database.options)).upgrade()
    const old = await image([a], database.options)
    expect((await old.upgrade()).steps).toEqual([])
    const ahead = {
      code: 'ALUDEL_UNKNOWN_APPLIED',
      kind: 'refused',
      message: `the database is ahead of these files: ${nameOf('b')} is applied and has no revision file`,
      details: { unknown: [nameOf('b')], pending: [], current: [idOf('a')], heads: [idOf('a')] },
    }
    const expectHead = 'head'
    expect(await rejection(old.upgrade('head', { expectHead }))).toMatchObject(ahead)
    expect(await rejection(old.plan('upgrade', 'head', { expectHead }))).toMatchObject(ahead)
    expect(await rejection(old.sql('upgrade', 'head', { expectHead }))).toMatchObject(ahead)
    expect(await rejection(old.initialize({ expectHead }))).toMatchObject(ahead)
    expect(await rejection(old.initialize({ expectHead, migrate: false }))).toMatchObject(ahead)
  })

  test('is compared again under the lock, when a newer release may have migrated meanwhile', async () => {
    for (const start of ['upgrade', 'initialize'] as const) {
      const gate = path.join(folder, `${start}.gate`)
      const look = `require('node:fs').existsSync(${JSON.stringify(gate)})`
      const before = `while (!${look}) await new Promise((resolve) => setTimeout(resolve, 20))`
      let begun = (): void => undefined
      const hasBegun = new Promise<void>((resolve) => (begun = resolve))
      const newer = await image([{ ...a, before }, b], database.options, {
        onEvent: ({ type }) => {
          if (type === 'stepStart') begun()
        },
      })
      const old = await image([a], database.options, {
        lockTimeoutMs: 300_000,
        onEvent: ({ type }) => {
          if (type === 'waiting') writeFileSync(gate, '')
        },
      })
      const upgraded = newer.upgrade()
      await hasBegun
      const refused =
        start === 'upgrade' ? old.upgrade('head', { expectHead: idOf('a') }) : old.initialize({ expectHead: idOf('a') })
      expect(await rejection(refused)).toMatchObject({ code: 'ALUDEL_UNKNOWN_APPLIED' })
      expect((await upgraded).steps).toHaveLength(2)
      await newer.downgrade('base', { backup: 'never' })
    }
  })

  test('does not let a start-up begin on a database that is ahead, and closes its connection', async () => {
    await (await image([a, b], database.options)).upgrade()
    const dataSource = new DataSource(database.options)
    const start = initializeDatabase({
      dataSource,
      revisions: await writeRelease(folder, [a]),
      root: folder,
      cacheDirectory: null,
      expectHead: idOf('a'),
    })
    expect(await rejection(start)).toMatchObject({ code: 'ALUDEL_UNKNOWN_APPLIED' })
    expect(dataSource.isInitialized).toBe(false)
  })

  test('lets a start-up run that it agrees with', async () => {
    const one = await image([a, b], database.options)
    expect(await one.initialize({ expectHead: idOf('b') })).toMatchObject({ action: 'upgraded' })
    expect(await one.initialize({ expectHead: idOf('b') })).toMatchObject({ action: 'none' })
    expect(await tableNames(database)).toEqual(['a', 'a2', 'b', 'b2'])
  })
})

describe('files with another head than expected', () => {
  let folder: string
  let releases: Releases
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'aludel-head-'))
    releases = new Releases(folder)
  })
  afterEach(async () => {
    await releases.close()
    await rm(folder, { recursive: true, force: true })
  })

  test('are refused before anything connects', async () => {
    const expectHead = idOf('b')
    const unexpected = {
      code: 'ALUDEL_UNEXPECTED_HEAD',
      kind: 'refused',
      message: `the head of these files is ${idOf('a')}, not ${idOf('b')}`,
      details: { expected: [idOf('b')], heads: [idOf('a')] },
    }
    const old = await releases.of([a], nowhere)
    expect(await rejection(old.upgrade('head', { expectHead }))).toMatchObject(unexpected)
    expect(await rejection(old.plan('upgrade', 'head', { expectHead }))).toMatchObject(unexpected)
    expect(await rejection(old.sql('upgrade', 'base:head', { expectHead }))).toMatchObject(unexpected)
    expect(await rejection(old.initialize({ expectHead }))).toMatchObject(unexpected)
    const dataSource = new DataSource(nowhere)
    const revisions = await writeRelease(folder, [a])
    const start = initializeDatabase({ dataSource, revisions, root: folder, expectHead })
    expect(await rejection(start)).toMatchObject(unexpected)
  })

  test('may be written as a script of a range if they are as expected', async () => {
    const one = await releases.of([a], nowhere)
    expect((await one.sql('upgrade', 'base:head', { expectHead: idOf('a') })).statements.length).toBeGreaterThan(1)
  })

  test('are refused if they are older or newer, and if there are none', async () => {
    expect(await rejection((await releases.of([a, b], nowhere)).upgrade('head', { expectHead: 'aaaa' }))).toMatchObject(
      { message: `the head of these files is ${idOf('b')}, not ${idOf('a')}` },
    )
    expect(await rejection((await releases.of([], nowhere)).upgrade('head', { expectHead: 'aaaa' }))).toMatchObject({
      message: 'the head of these files is base, not aaaa',
    })
  })
})
