import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { replaceFiles } from '../../src/files/replace'

let directory: string
const file = (name: string): string => path.join(directory, name)

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'aludel-replace-'))
  for (const name of ['a.ts', 'b.ts']) await writeFile(file(name), `old ${name}`)
})
afterEach(() => rm(directory, { recursive: true, force: true }))

async function contents(): Promise<Record<string, string>> {
  const names = (await readdir(directory)).sort()
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(file(name), 'utf8')] as const)),
  )
}

test('replaceFiles changes texts and names, keeps the mode and leaves no other files', async () => {
  await chmod(file('b.ts'), 0o600)
  await replaceFiles([
    { from: file('a.ts'), to: file('a.ts'), text: 'new a' },
    { from: file('b.ts'), to: file('c.ts'), text: 'new b' },
  ])
  expect(await contents()).toEqual({ 'a.ts': 'new a', 'c.ts': 'new b' })
  expect((await stat(file('c.ts'))).mode & 0o777).toBe(0o600)
})

test('replaceFiles lets two files swap names', async () => {
  await expect(
    replaceFiles([
      { from: file('a.ts'), to: file('b.ts'), text: 'a' },
      { from: file('b.ts'), to: file('a.ts'), text: 'b' },
    ]),
  ).resolves.toBeUndefined()
  expect(await contents()).toEqual({ 'a.ts': 'b', 'b.ts': 'a' })
})

test('replaceFiles changes nothing when a target already exists', async () => {
  await writeFile(file('c.ts'), 'somebody else’s')
  await expect(
    replaceFiles([
      { from: file('a.ts'), to: file('a.ts'), text: 'new a' },
      { from: file('b.ts'), to: file('c.ts'), text: 'new b' },
    ]),
  ).rejects.toMatchObject({ code: 'ALUDEL_REVISION_EXISTS', details: { path: file('c.ts') } })
  expect(await contents()).toEqual({ 'a.ts': 'old a.ts', 'b.ts': 'old b.ts', 'c.ts': 'somebody else’s' })
})

test('replaceFiles restores earlier files when a later one fails', async () => {
  await expect(
    replaceFiles([
      { from: file('a.ts'), to: file('a.ts'), text: 'new a' },
      { from: file('missing.ts'), to: file('m.ts'), text: 'new' },
    ]),
  ).rejects.toMatchObject({ code: 'ALUDEL_REVISION_DIRECTORY' })
  await expect(
    replaceFiles([
      { from: file('a.ts'), to: file('z.ts'), text: 'new a' },
      { from: file('b.ts'), to: file('no/such/b.ts'), text: 'new b' },
    ]),
  ).rejects.toMatchObject({ code: 'ALUDEL_REVISION_DIRECTORY' })
  expect(await contents()).toEqual({ 'a.ts': 'old a.ts', 'b.ts': 'old b.ts' })
})
