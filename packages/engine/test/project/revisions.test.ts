import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

import { RevisionDirectories } from '../../src/project/revisions'

describe('revision directories that know others', () => {
  let root: string
  let base: RevisionDirectories

  const directories = (one?: RevisionDirectories): RevisionDirectories =>
    new RevisionDirectories({
      revisions: 'revisions',
      root,
      cacheDirectory: path.join(root, 'node_modules', '.cache', 'aludel'),
      warn: () => undefined,
      note: () => undefined,
      ...(one === undefined ? {} : { base: one }),
    })
  const write = (id: string): Promise<void> =>
    writeFile(
      path.join(root, 'revisions', '1763750000000-a.ts'),
      `export class A1763750000000 {
  static readonly revision = '${id}'
  static readonly downRevision = null
  async up() {}
  async down() {}
}
`,
    )

  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'aludel-revisions-'))
    for (const folder of ['revisions', 'node_modules']) await mkdir(path.join(root, folder))
    await write('aaaaaaaaaaaa')
    base = directories()
  })
  afterEach(() => rm(root, { recursive: true }))

  /** Two readers get the same value, once the files are old enough for their stamps to be trusted. */
  const untilShared = async (): Promise<void> => {
    while ((await directories(base).read()) !== (await directories(base).read())) await wait(20)
  }

  test('read what the others have read, until a file looks different', async () => {
    await untilShared()
    const before = await directories(base).read()
    await write('bbbbbbbbbbbb')
    const after = await directories(base).read()
    expect([before, after].map(({ revisions }) => revisions.map(({ id }) => id))).toEqual([
      ['aaaaaaaaaaaa'],
      ['bbbbbbbbbbbb'],
    ])
    await untilShared()
    expect((await directories(base).read()).revisions.map(({ id }) => id)).toEqual(['bbbbbbbbbbbb'])
  })

  test('keep what they have read, until they forget it', async () => {
    const own = directories(base)
    await own.read()
    await write('bbbbbbbbbbbb')
    expect((await own.read()).revisions.map(({ id }) => id)).toEqual(['aaaaaaaaaaaa'])
    own.forget()
    expect((await own.read()).revisions.map(({ id }) => id)).toEqual(['bbbbbbbbbbbb'])
  })

  test('read anew where the directory may be missing', async () => {
    await rm(path.join(root, 'revisions'), { recursive: true })
    await expect(directories(base).read()).rejects.toMatchObject({ code: 'ALUDEL_REVISION_DIRECTORY' })
    const own = directories(base)
    own.allowMissing()
    expect((await own.read()).revisions).toEqual([])
  })
})
