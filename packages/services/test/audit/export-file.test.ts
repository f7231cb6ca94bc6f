import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { writeLines } from '../../src/index'

describe('writeLines', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'aludel-lines-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))
  const file = (): string => path.join(folder, 'audit.jsonl')

  async function* lines(count: number, at?: (index: number) => void): AsyncGenerator<string> {
    for (let index = 0; index < count; index += 1) {
      await Promise.resolve()
      at?.(index)
      yield `{"n":${String(index)},"name":"Zoë"}\n`
    }
  }

  test('writes all lines to a file that only its owner may read', async () => {
    const progress: number[] = []
    const written = await writeLines(lines(10_000), file(), { onProgress: (done) => progress.push(done) })
    const text = await readFile(file(), 'utf8')
    expect(written).toEqual({ path: file(), lines: 10_000, bytes: Buffer.byteLength(text) })
    expect(text.split('\n')).toHaveLength(10_001)
    expect((await stat(file())).mode & 0o777).toBe(0o600)
    expect(progress.length).toBeGreaterThan(2)
    expect(progress.at(-1)).toBe(10_000)
    expect(await readdir(folder)).toEqual(['audit.jsonl'])
  })

  test('replaces a file at once, also behind a link and one that others may read', async () => {
    await writeFile(file(), 'old')
    await chmod(file(), 0o644)
    const link = path.join(folder, 'link.jsonl')
    await symlink(file(), link)
    await writeLines(
      lines(2000, () => undefined),
      link,
    )
    expect((await readFile(file(), 'utf8')).split('\n')).toHaveLength(2001)
    expect((await stat(file())).mode & 0o777).toBe(0o600)
    expect((await readdir(folder)).sort()).toEqual(['audit.jsonl', 'link.jsonl'])
  })

  test.each(['fails', 'is stopped'])('leaves the file as it was when it %s', async (how) => {
    await writeFile(file(), 'old')
    const controller = new AbortController()
    const source = lines(5000, (index) => {
      if (index < 4000) return
      if (how === 'fails') throw new Error('the connection was lost')
      controller.abort()
    })
    const writing = writeLines(source, file(), { signal: controller.signal })
    if (how === 'fails') await expect(writing).rejects.toThrow('the connection was lost')
    else expect(await writing).toBeNull()
    expect(await readFile(file(), 'utf8')).toBe('old')
    expect(await readdir(folder)).toEqual(['audit.jsonl'])
  })

  test.each([
    ['a directory', (at: string) => mkdir(at), 'it is a directory'],
    ['a device', (at: string) => symlink('/dev/null', at), 'it is not a regular file'],
    ['in a folder that does not exist', () => Promise.resolve(), 'ENOENT'],
  ])('refuses %s', async (what, prepare, reason) => {
    const at = what.startsWith('in') ? path.join(folder, 'none', 'audit.jsonl') : file()
    await prepare(at)
    await expect(writeLines(lines(1), at)).rejects.toMatchObject({
      code: 'ALUDEL_FILE',
      message: expect.stringContaining(reason) as string,
    })
  })
})
