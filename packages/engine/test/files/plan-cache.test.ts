import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { writtenStatements } from '../../src/execution/written'
import { CachedPlans } from '../../src/files/plan-cache'
import type { Direction, Revision } from '../../src/revision/revision'
import { dialectOf } from '../run/databases'

let root: string
let cacheDirectory: string
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'aludel-plan-cache-'))
  cacheDirectory = path.join(root, 'cache')
})
afterEach(() => rm(root, { recursive: true, force: true }))

const exportName = 'Step1700000000000'
const open = (version = '1', files = 100) => CachedPlans.open(cacheDirectory, root, files, version)

async function file(up: string, extension = '.ts'): Promise<Revision> {
  const target = path.join(root, `step${extension}`)
  await writeFile(
    target,
    `export class ${exportName} {
  static readonly effects = { postgres: { up: { statements: '0', destroys: { a: ['all rows of a'] } } } }
  async up(queryRunner) {
    ${up}
  }
  async down(queryRunner) {
    await queryRunner.query('SELECT $1', [1])
  }
}
`,
  )
  return { path: target, exportName, checksum: 'c' } as Revision
}

const read = (revision: Revision, cache?: CachedPlans, direction: Direction = 'upgrade') =>
  writtenStatements(revision, direction, dialectOf('postgres'), 'postgres', cache)

/** Reads the file and saves the cache, as a run does. */
async function remember(revision: Revision, direction?: Direction): Promise<unknown> {
  const cache = open()
  const written = await read(revision, cache, direction)
  cache?.save()
  return written
}

test.each([
  'await queryRunner.query("DROP TABLE a")',
  'await queryRunner.query("INSERT INTO a VALUES ($1, $2)", [null, 1.5])',
  'await queryRunner.query(call())',
  '',
])('reads the same from the cache as from the file: %s', async (up) => {
  const revision = await file(up)
  const fresh = await read(revision)
  expect(await remember(revision)).toEqual(fresh)
  const cache = open()
  const keep = jest.spyOn(cache as CachedPlans, 'keep')
  expect(await read(revision, cache)).toEqual(fresh)
  expect(keep).not.toHaveBeenCalled()
})

test('reads a file again whose text, extension, class, direction or database is another', async () => {
  const before = await file('await queryRunner.query("DROP TABLE a")')
  await remember(before)
  const isKnown = async (
    revision: Revision,
    direction: Direction = 'upgrade',
    dialect = 'postgres',
    driver = dialect,
  ) => {
    const cache = open()
    const keep = jest.spyOn(cache as CachedPlans, 'keep')
    await writtenStatements(revision, direction, dialectOf(dialect as 'postgres'), driver, cache)
    return keep.mock.calls.length === 0
  }
  expect(await isKnown(before)).toBe(true)
  expect(await isKnown(before, 'downgrade')).toBe(false)
  expect(await isKnown(before, 'upgrade', 'sqlite', 'better-sqlite3')).toBe(false)
  expect(await isKnown(before, 'upgrade', 'postgres', 'aurora-postgres')).toBe(false)
  expect(await isKnown({ ...before, exportName: 'Other1700000000000' })).toBe(false)
  expect(await isKnown(await file('await queryRunner.query("DROP TABLE a")', '.js'))).toBe(false)
  const after = await file('await queryRunner.query("DROP TABLE b")')
  expect(await read(after, open())).toMatchObject({ statements: ['DROP TABLE b'] })
})

test('a downgrade does not forget what an upgrade has read, and a text that is gone is forgotten', async () => {
  const revision = await file('await queryRunner.query("DROP TABLE a")')
  await remember(revision)
  await remember(revision, 'downgrade')
  const size = async () => {
    const [name = ''] = await readdir(cacheDirectory)
    const text = await readFile(path.join(cacheDirectory, name), 'utf8')
    return (JSON.parse(text.slice(text.indexOf('\n'))) as [unknown, unknown[]])[1].length
  }
  expect(await size()).toBe(2)
  await remember(await file('await queryRunner.query("DROP TABLE b")'))
  expect(await size()).toBe(1)
})

test('ignores a cache that is damaged or from another version, and needs none for few files', async () => {
  const revision = await file('await queryRunner.query("DROP TABLE a")')
  await remember(revision)
  const isEmpty = async (cache: CachedPlans | undefined) => {
    const keep = jest.spyOn(cache as CachedPlans, 'keep')
    await read(revision, cache)
    return keep.mock.calls.length === 1
  }
  expect(await isEmpty(open('2'))).toBe(true)
  const [name = ''] = await readdir(cacheDirectory)
  const target = path.join(cacheDirectory, name)
  await writeFile(target, (await readFile(target, 'utf8')).replace('DROP TABLE a', 'DROP TABLE b'))
  expect(await isEmpty(open())).toBe(true)
  expect(open('1', 99)).toBeUndefined()
  expect(CachedPlans.open(null, root, 1000, '1')).toBeUndefined()
})
