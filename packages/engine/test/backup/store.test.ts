import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import type { Manifest } from '../../src/backup/manifest'
import { BackupStore, isBackupId, newBackupId } from '../../src/backup/store'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'aludel-store-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

const directory = (): string => path.join(folder, 'a', 'backups')
const mode = (file: string): number => statSync(file).mode & 0o777

function manifestOf(id: string, changes: Partial<Manifest> = {}): Manifest {
  return {
    format: 1,
    id,
    kind: 'database',
    createdAt: '2026-11-30T04:15:00.000Z',
    reason: 'requested',
    toolVersion: '0.1.0',
    program: 'SQLite 3.53.2',
    database: { dialect: 'sqlite', name: '/app.db', serverVersion: '3.53.2' },
    revision: ['abc'],
    history: { table: 'migrations', journal: 'aludel_journal' },
    tables: [{ name: 't', rows: 2 }],
    file: `${id}.db`,
    bytes: 7,
    files: [{ name: `${id}.db`, bytes: 7, sha256: 'a'.repeat(64) }],
    settings: {},
    ...changes,
  }
}

async function put(store: BackupStore, manifest: Manifest): Promise<void> {
  await store.prepare()
  const partial = await store.begin(manifest.id, '.db', 'file')
  writeFileSync(partial, 'content')
  await store.finish(partial, manifest)
}

const [first, second] = ['20261130T041500Z-9f3c', '20261130T041500Z-9f3d'] as const
const later = '20261201T000000Z-0000'

test('an id is the time in UTC with four random digits', () => {
  const id = newBackupId(new Date('2026-11-30T04:15:00.123Z'))
  expect(id).toMatch(/^20261130T041500Z-[0-9a-f]{4}$/)
  expect(isBackupId(id)).toBe(true)
})

describe('a directory', () => {
  test('is created with its parents, ignored by Git, and readable by its owner alone, whatever the umask', async () => {
    const umask = process.umask(0)
    try {
      const store = new BackupStore(directory())
      await put(store, manifestOf(first))
      expect(readdirSync(directory()).sort()).toEqual(['.gitignore', `${first}.db`, `${first}.json`].sort())
      expect(mode(directory())).toBe(0o700)
      expect(mode(path.join(directory(), `${first}.db`))).toBe(0o600)
      expect(mode(path.join(directory(), `${first}.json`))).toBe(0o600)
      const partial = await store.begin(second, '.tables', 'folder')
      expect(mode(partial)).toBe(0o700)
      await store.abandon(partial)
    } finally {
      process.umask(umask)
    }
  })

  test('that exists stays as it is', async () => {
    mkdirSync(directory(), { recursive: true, mode: 0o755 })
    chmodSync(directory(), 0o755)
    await new BackupStore(directory()).prepare()
    expect(mode(directory())).toBe(0o755)
    expect(readdirSync(directory())).toEqual([])
  })

  test.each([
    [
      'a file of that name',
      () => writeFileSync(path.join(folder, 'a'), ''),
      'it is a file, or a part of its path is one',
    ],
    [
      'a file in the place of the folder',
      () => {
        mkdirSync(path.join(folder, 'a'))
        writeFileSync(path.join(folder, 'a', 'backups'), '')
      },
      'it is a file, or a part of its path is one',
    ],
  ])('that cannot be created is an error with the way out: %s', async (_, make, reason) => {
    make()
    await expect(new BackupStore(directory()).prepare()).rejects.toMatchObject({
      code: 'ALUDEL_BACKUP',
      message: `${directory()} cannot hold backups: ${reason}`,
      help: expect.stringContaining('backup.directory') as string,
      details: { directory: directory() },
    })
  })

  // Root may write everywhere.
  const asUser = process.getuid?.() === 0 ? test.skip : test
  asUser('that cannot be written is an error with the way out', async () => {
    mkdirSync(directory(), { recursive: true, mode: 0o500 })
    await expect(new BackupStore(directory()).prepare()).rejects.toMatchObject({
      code: 'ALUDEL_BACKUP',
      message: `${directory()} cannot hold backups: this user may not write there`,
    })
  })

  test('that does not exist has no backups', async () => {
    expect(await new BackupStore(directory()).list()).toEqual([])
  })
})

describe('list', () => {
  test('shows what is complete, unfinished, without a manifest, or not readable, newest first', async () => {
    const store = new BackupStore(directory())
    await put(store, manifestOf(first))
    await put(store, manifestOf(later, { createdAt: '2026-12-01T00:00:00.000Z' }))
    const file = (name: string, text: string, time: string): void => {
      writeFileSync(path.join(directory(), name), text)
      utimesSync(path.join(directory(), name), new Date(time), new Date(time))
    }
    file('20261129T000000Z-aaaa.db', 'content', '2026-11-29')
    file('before-2025-11-22T08-40-00-000Z.dump', 'dump', '2025-11-22')
    file('20261128T000000Z-bbbb.json', '{"format":2}', '2026-11-28')
    file('20261127T000000Z-cccc.json', '{}', '2026-11-27')
    file('20261126T000000Z-dddd.json', JSON.stringify(manifestOf(first)), '2026-11-26')
    file('notes.txt', 'mine', '2026-11-30')
    file('package.json', '{}', '2026-11-30')
    const listed = (await store.list()).map((one) => [
      one.id,
      one.state,
      ...('problem' in one && one.problem !== undefined
        ? [path.basename(one.problem.replace(directory() + '/', ''))]
        : []),
    ])
    expect(listed).toEqual([
      [later, 'complete'],
      [first, 'complete'],
      ['20261129T000000Z-aaaa', 'unfinished'],
      ['20261128T000000Z-bbbb', 'unreadable', '20261128T000000Z-bbbb.json was written by a later version of Aludel'],
      [
        '20261127T000000Z-cccc',
        'unreadable',
        '20261127T000000Z-cccc.json is not the manifest of a backup: format is wrong or missing',
      ],
      ['20261126T000000Z-dddd', 'unreadable', `20261126T000000Z-dddd.json is the manifest of ${first}`],
      ['before-2025-11-22T08-40-00-000Z', 'old'],
    ])
  })

  test.each([
    ['file', '../../etc/passwd'],
    ['file', 'a/b'],
    ['bytes', -1],
    ['kind', 'other'],
    ['tables', [{ name: 't' }]],
    ['database', { dialect: 'oracle', name: 'x', serverVersion: '1' }],
    ['files', [{ name: '../x', bytes: 1, sha256: 'a'.repeat(64) }]],
  ])('does not trust a manifest whose %s is %j', async (key, value) => {
    mkdirSync(directory(), { recursive: true })
    writeFileSync(path.join(directory(), `${first}.json`), JSON.stringify({ ...manifestOf(first), [key]: value }))
    expect(await new BackupStore(directory()).list()).toEqual([
      expect.objectContaining({ state: 'unreadable', problem: expect.stringContaining(key) as string }),
    ])
  })

  test('reads a manifest with keys of a later version of the same format', async () => {
    mkdirSync(directory(), { recursive: true })
    writeFileSync(path.join(directory(), `${first}.json`), JSON.stringify({ ...manifestOf(first), color: 'red' }))
    expect(await new BackupStore(directory()).list()).toEqual([
      { state: 'complete', id: first, path: path.join(directory(), `${first}.db`), manifest: manifestOf(first) },
    ])
  })
})

describe('find', () => {
  test('takes an id, a unique prefix, or the latest', async () => {
    const store = new BackupStore(directory())
    await put(store, manifestOf(first))
    await put(store, manifestOf(second))
    await put(store, manifestOf(later, { createdAt: '2026-12-01T00:00:00.000Z' }))
    const idOf = async (ref: string, eligible?: (manifest: Manifest) => boolean): Promise<string> =>
      (await store.find(ref, eligible)).id
    expect(await idOf(first)).toBe(first)
    expect(await idOf('202612')).toBe(later)
    expect(await idOf('20261130T041500Z-9f3d')).toBe(second)
    expect(await idOf('latest')).toBe(later)
    expect(await idOf('latest', ({ id }) => id !== later)).toBe(second)
  })

  test.each([
    ['several backups', '20261130', [second, first]],
    ['no backup', 'zz', [second, first]],
    ['nothing', '', [second, first]],
  ])('refuses what means %s, and names candidates', async (_, ref, candidates) => {
    const store = new BackupStore(directory())
    await put(store, manifestOf(first))
    await put(store, manifestOf(second))
    await expect(store.find(ref)).rejects.toMatchObject({
      code: 'ALUDEL_UNKNOWN_BACKUP',
      kind: 'usage',
      details: { backup: ref, candidates },
    })
  })

  test('has no latest backup where none is complete', async () => {
    mkdirSync(directory(), { recursive: true })
    writeFileSync(path.join(directory(), `${first}.db`), '')
    await expect(new BackupStore(directory()).find('latest')).rejects.toMatchObject({ code: 'ALUDEL_UNKNOWN_BACKUP' })
  })
})

test('remove deletes the content and the manifest', async () => {
  const store = new BackupStore(directory())
  await put(store, manifestOf(first))
  await put(store, manifestOf(second))
  await store.remove(await store.find(first))
  expect(readdirSync(directory()).sort()).toEqual(['.gitignore', `${second}.db`, `${second}.json`])
})

test('abandon removes a partial copy, and what SQLite has put beside it', async () => {
  const store = new BackupStore(directory())
  await store.prepare()
  const partial = await store.begin(first, '.db', 'file')
  for (const ending of ['-journal', '-wal', '-shm']) writeFileSync(partial + ending, '')
  await store.abandon(partial)
  expect(readdirSync(directory())).toEqual(['.gitignore'])
})

test('sweep removes what killed processes left: files, folders, and what is beside them', async () => {
  const store = new BackupStore(directory())
  await store.prepare()
  const old = new Date(Date.now() - 48 * 3_600_000)
  const names = [
    '.x.db.00000000-1-00000000.tmp',
    '.x.db.00000000-1-00000000.tmp-wal',
    '.x.tables.00000000-1-00000001.tmp',
  ]
  for (const name of names) {
    const file = path.join(directory(), name)
    if (name.includes('tables')) {
      mkdirSync(file)
      writeFileSync(path.join(file, '1.copy'), '')
    } else writeFileSync(file, '')
    utimesSync(file, old, old)
  }
  const working = await store.begin(first, '.db', 'file')
  await store.sweep()
  expect(readdirSync(directory()).sort()).toEqual(['.gitignore', path.basename(working)].sort())
  expect(existsSync(working)).toBe(true)
})
