import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { readRevisions } from '../../src/files/read'

const count = 200
const stampOf = (number: number): number => 1_700_000_000_000 + number
const fileOf = (number: number): string => `${String(stampOf(number))}-step.ts`
const source = (number: number, message = 'step'): string => `/** ${message} */
export class Step${String(stampOf(number))} {
  static readonly revision = 'r${String(number).padStart(4, '0')}'
  static readonly downRevision = ${number === 0 ? 'null' : `'r${String(number - 1).padStart(4, '0')}'`}
  async up(): Promise<void> {}
  async down(): Promise<void> {}
}
`

describe('readRevisions with a cache', () => {
  let root: string
  let directory: string
  let cacheDirectory: string

  const read = async () => {
    const counts = { read: 0, parsed: 0 }
    const { revisions } = await readRevisions([directory], { cacheDirectory, counts })
    return { ...counts, revisions }
  }
  /** Sets the clock to this long after the last change of a file; file times are trusted after 2.5 s. */
  const makeIt = async (ms: number, { after: file }: { after: string }): Promise<void> => {
    const { ctimeMs } = await stat(file)
    jest.spyOn(Date, 'now').mockReturnValue(ctimeMs + ms)
  }

  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'aludel-read-cache-'))
    directory = path.join(root, 'migrations')
    cacheDirectory = path.join(root, 'cache')
    await mkdir(directory)
    for (let number = 0; number < count; number++) await writeFile(path.join(directory, fileOf(number)), source(number))
  })
  afterEach(async () => {
    jest.restoreAllMocks()
    await rm(root, { recursive: true, force: true })
  })

  test('skips a cached file without a revision, and notices when it becomes a broken one', async () => {
    const helper = path.join(directory, 'helper.ts')
    await writeFile(helper, 'export const table = "users"\n')
    await makeIt(3000, { after: helper })
    const skipped = async () => (await readRevisions([directory], { cacheDirectory })).skipped
    expect(await skipped()).toEqual([helper])
    expect(await read()).toMatchObject({ read: 0, parsed: 0 })
    expect(await skipped()).toEqual([helper])
    await writeFile(helper, 'class Add1763750000000 { up() {} down() {} }\n')
    await expect(skipped()).rejects.toMatchObject({ code: 'ALUDEL_REVISION_INVALID' })
  })

  test('rereads recent files without parsing them, and does not even open older ones', async () => {
    await makeIt(100, { after: path.join(directory, fileOf(0)) })
    const first = await read()
    expect(first).toMatchObject({ read: count, parsed: count })
    expect(first.revisions).toHaveLength(count)
    const second = await read()
    expect(second).toMatchObject({ read: count, parsed: 0, revisions: first.revisions })
    await makeIt(3000, { after: path.join(directory, fileOf(count - 1)) })
    expect(await read()).toMatchObject({ read: count, parsed: 0 })
    const last = await read()
    expect(last).toMatchObject({ read: 0, parsed: 0 })
    expect(last.revisions).toEqual((await readRevisions([directory])).revisions)
  })

  test('notices an edit that keeps the length and times of a file', async () => {
    const edited = path.join(directory, fileOf(7))
    await makeIt(3000, { after: path.join(directory, fileOf(count - 1)) })
    await read()
    expect((await read()).read).toBe(0)
    const { atime, mtime } = await stat(edited)
    await writeFile(edited, source(7, 'pets'))
    await utimes(edited, atime, mtime)
    await makeIt(100, { after: edited })
    const after = await read()
    expect(after).toMatchObject({ read: 1, parsed: 1 })
    expect(after.revisions[7]?.message).toBe('pets')
    // Edited again at once: its times are too recent to trust, so its content decides.
    await writeFile(edited, source(7, 'nets'))
    expect((await read()).revisions[7]?.message).toBe('nets')
  })

  test('notices added, removed and renamed files', async () => {
    await read()
    await writeFile(path.join(directory, fileOf(count)), source(count))
    expect(await read()).toMatchObject({ parsed: 1 })
    await rm(path.join(directory, fileOf(count)))
    expect((await read()).revisions).toHaveLength(count)
    await rename(path.join(directory, fileOf(3)), path.join(directory, 'zzz.ts'))
    const renamed = await read()
    expect(renamed.revisions[3]).toMatchObject({ id: 'r0003', path: path.join(directory, 'zzz.ts') })
  })

  test('ignores a cache that is damaged, truncated, empty or not writable', async () => {
    const { revisions } = await read()
    const [name = ''] = await readdir(cacheDirectory)
    const cache = path.join(cacheDirectory, name)
    const whole = await readFile(cache, 'utf8')
    for (const damaged of ['', '{', whole.slice(0, -10), whole.replace('step', 'stop'), '[]', `x\n${whole}`]) {
      await writeFile(cache, damaged)
      expect(await read()).toEqual({ read: count, parsed: count, revisions })
    }
    await rm(cacheDirectory, { recursive: true })
    await writeFile(cacheDirectory, 'a file where the folder should be')
    expect(await read()).toMatchObject({ parsed: count, revisions })
  })

  test('leaves one intact cache file after several concurrent reads', async () => {
    const all = await Promise.all(Array.from({ length: 4 }, read))
    for (const { revisions } of all) expect(revisions).toHaveLength(count)
    expect(await readdir(cacheDirectory)).toHaveLength(1)
    expect(await read()).toMatchObject({ parsed: 0 })
  })

  test('ignores a cache of another version of the tool', async () => {
    await read()
    const counts = { read: 0, parsed: 0 }
    await readRevisions([directory], { cacheDirectory, counts, version: '9.9.9' })
    expect(counts.parsed).toBe(count)
  })

  test('caches a small directory only where there is a folder for caches', async () => {
    for (let number = 100; number < count; number++) await rm(path.join(directory, fileOf(number)))
    cacheDirectory = path.join(root, 'node_modules', '.cache', 'aludel')
    expect(await read()).toMatchObject({ read: 100, parsed: 100 })
    await expect(readdir(path.join(root, 'node_modules'))).rejects.toThrow('ENOENT')
    await mkdir(path.join(root, 'node_modules'))
    expect(await read()).toMatchObject({ read: 100, parsed: 100 })
    expect(await readdir(cacheDirectory)).toHaveLength(1)
    expect(await read()).toMatchObject({ parsed: 0 })
  })
})
