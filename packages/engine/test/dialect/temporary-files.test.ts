import { spawnSync } from 'node:child_process'
import { link, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { sweepTemporary, temporaryBeside, temporaryMark } from '../../src/dialect/temporary-files'
import { readRevisions } from '../../src/files/read'
import { openProject } from '../migrator/project'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'aludel-temporary-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

const file = (name: string): string => path.join(directory, name)
const list = async (): Promise<string[]> => (await readdir(directory)).sort()

/** The mark of a process of this host that has ended. */
function deadMark(): string {
  const { pid } = spawnSync(process.execPath, ['-e', ''])
  return temporaryMark().replace(`-${String(process.pid)}-`, `-${String(pid)}-`)
}
const otherHost = (): string => temporaryMark().replace(/^[0-9a-f]{8}/, '00000000')

async function put(name: string, text: string, ageHours = 0): Promise<string> {
  await writeFile(name, text)
  const at = Date.now() / 1000 - ageHours * 3600
  await utimes(name, at, at)
  return name
}

test('sweeping removes the files of ended processes, and those that are a day old', async () => {
  await put(temporaryBeside(file('a.ts'), 'tmp', deadMark()), '')
  await put(temporaryBeside(file('b.ts'), 'tmp', otherHost()), '', 25)
  await put(file('.c.ts.01234567.tmp'), '', 25)
  expect(await sweepTemporary(directory)).toBe(true)
  expect(await list()).toEqual([])
})

test('sweeping keeps the files of processes that run, that may run elsewhere, and all others', async () => {
  await put(temporaryBeside(file('a.ts')), '')
  await put(temporaryBeside(file('b.ts'), 'tmp', otherHost()), '', 23)
  await put(file('.c.ts.01234567.tmp'), '')
  for (const name of ['d.ts', 'd.tmp', '.d.ts.tmp', '.d.0123456789.tmp']) await put(file(name), '', 100)
  const before = await list()
  expect(await sweepTemporary(directory)).toBe(false)
  expect(await list()).toEqual(before)
})

test('sweeping a missing folder does nothing', async () => {
  expect(await sweepTemporary(file('missing'))).toBe(false)
})

const source = (id: string): string => `export class A1763750000000 {
  static readonly revision = '${id}'
  static readonly downRevision = null
  async up() {}
  async down() {}
}
`

describe('a replacement of two files that was killed', () => {
  const mark = deadMark()
  // `a.ts` becomes `x.ts`, and `b.ts` gets another text.
  const next = (name: string): string => temporaryBeside(file(name), 'new', mark)
  const last = (name: string): string => temporaryBeside(file(name), 'old', mark)
  const texts = async (): Promise<Record<string, string>> =>
    Object.fromEntries(
      await Promise.all((await list()).map(async (name) => [name, await readFile(file(name), 'utf8')])),
    )

  test('before a file moved, has done nothing', async () => {
    await put(file('a.ts'), 'a')
    await put(file('b.ts'), 'b')
    await put(next('x.ts'), 'a2')
    await sweepTemporary(directory)
    expect(await texts()).toEqual({ 'a.ts': 'a', 'b.ts': 'b' })
  })

  test('after the first file moved, is undone', async () => {
    await put(last('a.ts'), 'a')
    await put(file('b.ts'), 'b')
    await put(next('x.ts'), 'a2')
    await put(next('b.ts'), 'b2')
    await sweepTemporary(directory)
    expect(await texts()).toEqual({ 'a.ts': 'a', 'b.ts': 'b' })
  })

  test('after one new file is in its place, is undone', async () => {
    await put(last('a.ts'), 'a')
    await put(last('b.ts'), 'b')
    await put(next('x.ts'), 'a2')
    await link(next('x.ts'), file('x.ts'))
    await put(next('b.ts'), 'b2')
    await sweepTemporary(directory)
    expect(await texts()).toEqual({ 'a.ts': 'a', 'b.ts': 'b' })
  })

  test('after both are in their place, is done', async () => {
    await put(last('b.ts'), 'b')
    await put(next('b.ts'), 'b2')
    await put(file('x.ts'), 'a2')
    await link(next('b.ts'), file('b.ts'))
    await sweepTemporary(directory)
    expect(await texts()).toEqual({ 'b.ts': 'b2', 'x.ts': 'a2' })
  })

  test('is undone by the next command that lists the revisions', async () => {
    await put(last('a.ts'), source('aaaaaaaaaaaa'))
    await put(next('x.ts'), source('bbbbbbbbbbbb'))
    const { revisions } = await readRevisions([directory])
    expect(revisions.map(({ id }) => id)).toEqual(['aaaaaaaaaaaa'])
    expect(await list()).toEqual(['a.ts'])
  })
})

test('an upgrade removes a backup that a killed one did not finish', async () => {
  const project = await openProject('sqlite')
  try {
    const backups = path.join(project.directory, 'backups')
    await mkdir(backups)
    await put(temporaryBeside(path.join(backups, 'before.db'), 'tmp', deadMark()), '')
    await put(temporaryBeside(path.join(project.revisions, '1-a.ts'), 'tmp', deadMark()), '')
    const migrator = project.migrator([])
    await migrator.create('a', { autogenerate: false })
    expect(await readdir(project.revisions)).toHaveLength(1)
    await migrator.upgrade()
    expect(await readdir(backups)).toEqual([])
  } finally {
    await project.remove()
  }
})
