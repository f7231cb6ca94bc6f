import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'

import { DataSource } from 'typeorm'

import { sqliteFolder, sqliteOptions } from '../../../../../tools/testing/databases'
import { canMount, SmallDisk } from '../../../../../tools/testing/small-disk'
import type { Restoring, RestoreOptions } from '../../../src/dialect/roles/restore'
import { openRestore } from '../../../src/dialect/sqlite/restore'
import { leftovers } from '../../../src/dialect/sqlite/restore-leftovers'

const id = '20261130T041500Z-9f3c'
let folder: string
let file: string
let backup: string
const warnings: string[] = []
const processes: ChildProcess[] = []

beforeEach(async () => {
  folder = mkdtempSync(path.join(sqliteFolder(), 'aludel-restore-'))
  file = path.join(folder, 'app.db')
  backup = path.join(folder, 'backups.db')
  warnings.length = 0
  await run(backup, 'CREATE TABLE t (a)', `INSERT INTO t VALUES ('then')`)
  await run(file, 'CREATE TABLE t (a)', `INSERT INTO t VALUES ('now')`)
})
afterEach(() => {
  for (const child of processes.splice(0)) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

async function run(database: string, ...statements: readonly string[]): Promise<Record<string, unknown>[]> {
  const dataSource = await new DataSource(sqliteOptions(database)).initialize()
  try {
    let rows: Record<string, unknown>[] = []
    for (const sql of statements) rows = await dataSource.query(sql)
    return rows
  } finally {
    await dataSource.destroy()
  }
}

const content = async (database: string): Promise<unknown> => (await run(database, 'SELECT a FROM t'))[0]?.['a']

async function opened(options: Partial<RestoreOptions> = {}, database = file): Promise<Restoring> {
  return openRestore({
    template: new DataSource(sqliteOptions(database)),
    backup: { id, file: backup, made: undefined },
    lock: { key: 'migrations', timeoutMs: 0 },
    journal: 'aludel_journal',
    tools: undefined,
    maintenanceDatabase: undefined,
    withOwners: true,
    disconnect: false,
    keep: true,
    signal: undefined,
    onProgress: () => undefined,
    warn: (message) => warnings.push(message),
    ...options,
  })
}

async function restore(options: Partial<RestoreOptions> = {}, database = file): Promise<Restoring> {
  const restoring = await opened(options, database)
  try {
    await restoring.others()
    await restoring.load()
    await restoring.swap()
    return restoring
  } finally {
    await restoring.close()
  }
}

const names = (): string[] => readdirSync(folder).filter((name) => !name.includes('lock') && name !== 'backups.db')

/** A process that has a database open, and runs each statement that it is sent. */
async function connectedProcess(database: string): Promise<{ pid: number; send(sql: string): Promise<string> }> {
  const child = spawn(
    process.execPath,
    [
      '-e',
      `const db = new (require('better-sqlite3'))(process.argv[1]); db.prepare('SELECT * FROM t').all(); console.log('open')
       require('readline').createInterface({ input: process.stdin }).on('line', (sql) => {
         try { const s = db.prepare(sql); console.log(JSON.stringify(s.reader ? s.all() : s.run().changes)) }
         catch (error) { console.log('error: ' + error.message) }
       })`,
      database,
    ],
    { cwd: __dirname, stdio: ['pipe', 'pipe', 'inherit'] },
  )
  processes.push(child)
  const line = (): Promise<string> =>
    new Promise((resolve) => child.stdout.once('data', (data: Buffer) => resolve(data.toString().trim())))
  await line()
  return {
    pid: child.pid ?? 0,
    send: (sql) => {
      const answer = line()
      child.stdin.write(`${sql}\n`)
      return answer
    },
  }
}

test('restores beside a file, and keeps the old one with its owner and permissions', async () => {
  chmodSync(file, 0o640)
  const { kept } = await restore()
  expect(kept).toBe(`${file}.before-restore-${id}`)
  expect(names().sort()).toEqual(['app.db', `app.db.before-restore-${id}`])
  expect(await content(file)).toBe('then')
  expect(await content(kept ?? '')).toBe('now')
  expect([file, kept ?? ''].map((name) => statSync(name).mode & 0o777)).toEqual([0o640, 0o640])
})

test('makes a new file readable by its owner alone', async () => {
  rmSync(file)
  expect(await restore()).toMatchObject({ exists: false, kept: null })
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(names()).toEqual(['app.db'])
})

test('does not replace a file that appears while there was none', async () => {
  rmSync(file)
  const restoring = await opened()
  await restoring.load()
  await run(file, 'CREATE TABLE t (a)', `INSERT INTO t VALUES ('new')`)
  await expect(restoring.swap()).rejects.toMatchObject({ code: 'ALUDEL_RESTORE' })
  await restoring.close()
  expect(await content(file)).toBe('new')
  expect(names()).toEqual(['app.db'])
})

test('replaces the file behind a symbolic link, and keeps the link', async () => {
  const link = path.join(folder, 'link.db')
  symlinkSync('app.db', link)
  expect(await restore({}, link)).toMatchObject({ name: file, kept: `${file}.before-restore-${id}` })
  expect(lstatSync(link).isSymbolicLink()).toBe(true)
  expect(await content(link)).toBe('then')
  rmSync(file)
  expect(await restore({}, link)).toMatchObject({ name: file, exists: false })
  expect(await content(file)).toBe('then')
  expect(lstatSync(link).isSymbolicLink()).toBe(true)
})

test('never applies the WAL of the old file to the new one, and keeps what is in it', async () => {
  await run(file, 'PRAGMA journal_mode = WAL')
  // A process that is killed leaves its WAL.
  const writer = await connectedProcess(file)
  await writer.send('PRAGMA wal_autocheckpoint = 0')
  expect(await writer.send(`UPDATE t SET a = 'in the WAL'`)).toBe('1')
  const killed = new Promise((resolve) => processes[0]?.once('exit', resolve))
  processes[0]?.kill('SIGKILL')
  await killed
  expect(statSync(`${file}-wal`).size).toBeGreaterThan(0)

  const { kept } = await restore()
  expect(await run(file, 'PRAGMA journal_mode')).toEqual([{ journal_mode: 'wal' }])
  expect(await run(kept ?? '', 'PRAGMA journal_mode')).toEqual([{ journal_mode: 'wal' }])
  expect(await content(file)).toBe('then')
  expect(await content(kept ?? '')).toBe('in the WAL')
  expect(names().sort()).toEqual(['app.db', `app.db.before-restore-${id}`])
})

test('rolls back the journal of a killed process before the file is kept', async () => {
  const writer = await connectedProcess(file)
  await writer.send('PRAGMA cache_size = 1')
  await writer.send('BEGIN')
  const numbers = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)'
  await writer.send(`${numbers} INSERT INTO t SELECT hex(randomblob(200)) FROM n`)
  const killed = new Promise((resolve) => processes[0]?.once('exit', resolve))
  processes[0]?.kill('SIGKILL')
  await killed
  expect(existsSync(`${file}-journal`)).toBe(true)

  const { kept } = await restore()
  expect(await content(file)).toBe('then')
  expect(await run(kept ?? '', 'SELECT count(*) AS n FROM t')).toEqual([{ n: 1 }])
  expect(existsSync(`${file}-journal`)).toBe(false)
})

test('replaces a damaged file, and keeps it as it is', async () => {
  writeFileSync(file, 'this was a database')
  writeFileSync(`${file}-wal`, 'and this its WAL')
  const restoring = await opened()
  expect(await restoring.rows()).toBeNull()
  await restoring.load()
  await restoring.swap()
  await restoring.close()
  expect(await content(file)).toBe('then')
  expect(readFileSync(`${file}.before-restore-${id}`, 'utf8')).toBe('this was a database')
  expect(existsSync(`${file}-wal`)).toBe(false)
})

test('refuses a database in memory', async () => {
  await expect(opened({}, ':memory:')).rejects.toMatchObject({ code: 'ALUDEL_RESTORE' })
})

test('refuses a backup whose content is not that of its manifest', async () => {
  const made = { program: 'SQLite 3', serverVersion: '3', settings: { journalMode: 'delete' } }
  const sha256 = createHash('sha256').update(readFileSync(backup)).digest('hex')
  for (const [problem, manifest] of [
    [/checksum/, { ...made, sha256: '0', tables: [] }],
    [/t has 1 rows instead of 2/, { ...made, sha256, tables: [{ name: 't', rows: 2 }] }],
    [/u has no rows instead of 0/, { ...made, sha256, tables: [{ name: 'u', rows: 0 }] }],
  ] as const) {
    const restoring = await opened({ backup: { id, file: backup, made: manifest } })
    await expect(restoring.load()).rejects.toMatchObject({
      code: 'ALUDEL_RESTORE',
      message: expect.stringMatching(problem) as string,
    })
    await restoring.close()
  }
  expect(await content(file)).toBe('now')
  expect(names()).toEqual(['app.db'])
})

describe('while another process has the file open', () => {
  const onLinux = process.platform === 'linux' ? test : test.skip

  onLinux('refuses, and names the process', async () => {
    const { pid } = await connectedProcess(file)
    await expect(restore()).rejects.toMatchObject({
      code: 'ALUDEL_CONNECTED',
      message: expect.stringContaining(`pid ${String(pid)} (node)`) as string,
      help: expect.stringContaining('--disconnect replaces it anyway') as string,
      details: { database: file, sessions: [{ pid, canBeEnded: true }] },
    })
    expect(await content(file)).toBe('now')
  })

  test('cuts it off when told to: it can neither read nor write any more', async () => {
    const other = await connectedProcess(file)
    const { kept } = await restore({ disconnect: true })
    expect(await other.send(`INSERT INTO t VALUES ('lost')`)).toBe('error: file is not a database')
    expect(await other.send('SELECT * FROM t')).toBe('error: file is not a database')
    expect(await content(file)).toBe('then')
    expect(await run(kept ?? '', 'SELECT a FROM t')).toEqual([{ a: 'now' }])
    expect(existsSync(`${file}-journal`)).toBe(false)
  })

  test('refuses while it is in a transaction, whatever it is told', async () => {
    const other = await connectedProcess(file)
    await other.send('BEGIN IMMEDIATE')
    await other.send(`UPDATE t SET a = 'written'`)
    await expect(restore({ disconnect: true })).rejects.toMatchObject({ code: 'ALUDEL_CONNECTED' })
    await other.send('COMMIT')
    expect(await content(file)).toBe('written')
    expect(names()).toEqual(['app.db'])
  })

  test('refuses in WAL mode, whatever it is told, and leaves the mode as it is', async () => {
    await run(file, 'PRAGMA journal_mode = WAL')
    const other = await connectedProcess(file)
    const restoring = await opened({ disconnect: true })
    await restoring.load()
    await expect(restoring.swap()).rejects.toMatchObject({
      code: 'ALUDEL_CONNECTED',
      help: expect.stringContaining('--disconnect cannot end them') as string,
    })
    await restoring.close()
    expect(await other.send(`UPDATE t SET a = 'still here'`)).toBe('1')
    expect(await content(file)).toBe('still here')
    expect(await run(file, 'PRAGMA journal_mode')).toEqual([{ journal_mode: 'wal' }])
  })

  test('lets a file live that has a second name, and warns', async () => {
    linkSync(file, path.join(folder, 'second.db'))
    await restore({ disconnect: true })
    expect(await content(path.join(folder, 'second.db'))).toBe('now')
    expect(warnings).toEqual([expect.stringContaining('restart them')])
  })
})

test('removes what a killed restore has left, and reports what a restore has kept', async () => {
  const left = path.join(folder, '.app.db.0a1b2c3d-99999999-0a1b2c3d.tmp')
  copyFileSync(file, left)
  writeFileSync(`${left}-journal`, '')
  const { removed } = await restore()
  // The host of the mark is another one: such a file may belong to a process that runs there, and is left for a day.
  expect(removed).toEqual([])
  const dataSource = await new DataSource(sqliteOptions(file)).initialize()
  expect(await leftovers(dataSource)).toEqual([
    { kind: 'replaced', name: `${file}.before-restore-${id}`, bytes: expect.any(Number) as number },
  ])
  await dataSource.destroy()
})

describe('on a full disk', () => {
  const mounted = canMount ? test : test.skip

  mounted('leaves the old file, and removes what was written', async () => {
    const disk = await SmallDisk.mount(4)
    try {
      const full = path.join(disk.folder, 'app.db')
      copyFileSync(file, full)
      const numbers = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)'
      await run(backup, `${numbers} INSERT INTO t SELECT hex(randomblob(500)) FROM n`)
      await disk.fill(1000)
      await expect(restore({}, full)).rejects.toMatchObject({
        code: 'ALUDEL_DISK_SPACE',
        details: { free: expect.any(Number) as number, needed: expect.any(Number) as number },
      })
      expect(await content(full)).toBe('now')
      // Room for the new file, but not for a copy of the old one: seen in advance, too.
      expect(readdirSync(disk.folder).filter((name) => name.includes('.tmp') || name.includes('before'))).toEqual([])
      await disk.clear()
      await restore({}, full)
      expect(await content(full)).toBe('then')
    } finally {
      await disk.unmount()
    }
  })

  mounted('that fills up while the backup is copied, too', async () => {
    const disk = await SmallDisk.mount(4)
    try {
      const full = path.join(disk.folder, 'app.db')
      copyFileSync(file, full)
      const numbers = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)'
      await run(backup, `${numbers} INSERT INTO t SELECT hex(randomblob(500)) FROM n`)
      // The space was looked at before the first progress.
      let isFull = false
      const onProgress = (): void => {
        if (!isFull) disk.fillNow(200)
        isFull = true
      }
      const restoring = await opened({ onProgress }, full)
      await expect(restoring.load()).rejects.toMatchObject({
        code: expect.stringMatching(/ALUDEL_(?:RESTORE|DISK_SPACE)/) as string,
      })
      await restoring.close()
      await disk.clear()
      expect(await content(full)).toBe('now')
      expect(readdirSync(disk.folder).filter((name) => name.includes('.tmp'))).toEqual([])
    } finally {
      await disk.unmount()
    }
  })
})
