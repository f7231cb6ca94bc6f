import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, truncateSync } from 'node:fs'
import path from 'node:path'

import type { BackupCheckResult, BackupPruneResult, BackupResult, BackupsResult, RunResult } from '@aludel/engine'

import { writePgPrograms } from '../../../../tools/testing/pg-programs'
import { dialects, writeFiles } from './harness'
import { ids, nextRevision, run } from './shop'
import { type ErrorDocument, useShop } from './shop-project'

describe.each(dialects)('aludel backup on %s', (dialect) => {
  const project = useShop(dialect)
  const programs = (): string => path.join(project.directory, 'programs')
  const configure = (backup: object): void =>
    writeFiles(project.directory, {
      'aludel.config.json': JSON.stringify({ dataSource: 'data-source.ts', backup: { tools: 'programs', ...backup } }),
    })
  const backup = (words: string) => project.aludel(['backup', ...words.split(' ')])
  const folder = (): string => path.join(project.directory, 'backups')
  const made = async (): Promise<BackupResult> => (await backup('create --json')).json<BackupResult>()

  beforeEach(async () => {
    mkdirSync(programs())
    await writePgPrograms(programs())
    configure({})
    await project.succeeds('upgrade')
  })

  test('create, list, verify and prune, for people', async () => {
    const created = await backup('create')
    expect(created).toMatchObject({ code: 0 })
    const [first = '', second = ''] = created.stdout.split('\n')
    expect(first).toMatch(
      new RegExp(`^✓ Backed up and verified in .+: .+, \\d+ tables with \\d+ rows, at ${ids.posts}\\.$`),
    )
    const [, id = '', file = ''] = /^(\d{8}T\d{6}Z-[0-9a-f]{4}) {2}(.+)$/.exec(second) ?? []
    expect(statSync(path.join(project.directory, file)).mode & 0o777).toBe(0o600)

    const listed = await backup('list')
    expect(listed.stdout).toContain('made (UTC)')
    expect(listed.stdout).toMatch(new RegExp(`^${id}  \\d{4}-\\d{2}-\\d{2} \\d{2}:\\d{2}  .*  ${ids.posts}  `, 'm'))

    const verified = await backup('verify')
    expect(verified).toMatchObject({
      code: 0,
      stdout: `✓ Backup ${id} (${file}) is intact: size, checksum, content and rows.\n`,
    })

    expect(await backup('prune --keep-count 1')).toMatchObject({ code: 0, stdout: 'Nothing to remove.\n' })
  })

  test('--json has the documented keys', async () => {
    const created = await made()
    expect(created).toMatchObject({
      id: expect.any(String) as string,
      path: expect.stringContaining(folder()) as string,
      bytes: expect.any(Number) as number,
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      revision: [ids.posts],
    })
    const { backups } = (await backup('list --json')).json<BackupsResult>()
    expect(backups).toEqual([{ state: 'complete', ...created }])
    expect((await backup('verify --json')).json<BackupCheckResult>()).toEqual({
      ...{ id: created.id, path: created.path, ok: true },
      checked: ['size', 'checksum', 'content', 'rows'],
      problems: [],
    })
    expect((await backup('prune --keep-age 1h --json')).json<BackupPruneResult>()).toEqual({
      ...{ directory: folder(), removed: [], remaining: 1, dryRun: false },
    })
  })

  test('list says that there are none', async () => {
    expect(await backup('list')).toMatchObject({ code: 0, stdout: 'No backups in backups.\n' })
    expect((await backup('list --json')).json<BackupsResult>().backups).toEqual([])
  })

  test('verify of a damaged backup exits with 3, and names what is wrong', async () => {
    const { id, path: file } = await made()
    truncateSync(file, 4)
    const ran = await backup(`verify ${id}`)
    expect(ran.code).toBe(3)
    expect(ran.stdout).toMatch(/^✗ Backup .* is damaged:\n {2}.* has 4 bytes instead of \d+\n$/)
    expect((await backup('verify --json')).json<BackupCheckResult>().ok).toBe(false)
    // A later run does not trust it either, but makes its own.
    expect((await backup('verify nothing')).code).toBe(2)
  })

  test('prune asks, and without a terminal refuses unless --yes is given', async () => {
    const [first, second] = [await made(), await made()]
    const oldest = [first, second].sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1))[0]
    const refused = await backup('prune --keep-count 1 --json')
    expect(refused.code).toBe(4)
    expect(refused.json<ErrorDocument>().error).toMatchObject({
      code: 'ALUDEL_CONFIRMATION',
      details: { backups: [oldest?.id] },
    })
    const dry = await backup('prune --keep-count 1 --dry-run')
    expect(dry.stdout).toContain(oldest?.id ?? '')
    expect(dry.stdout).toMatch(/Would remove 1 backup, /)
    expect((await backup('prune --keep-count 1 --yes')).stdout).toMatch(/^Removed 1 backup, .*\.\n$/)
    expect((await backup('list --json')).json<BackupsResult>().backups).toHaveLength(1)
  })

  test.each([
    ['prune', 'nothing says which backups to keep'],
    ['prune --keep-count none', '--keep-count cannot be "none"'],
    ['prune --keep-age soon', '"soon" is not an age'],
  ])('%s is a usage error', async (words, message) => {
    const ran = await backup(words)
    expect(ran.code).toBe(2)
    expect(ran.stderr).toContain(message)
  })

  test('the configuration names the folder, the rules and when a run is backed up', async () => {
    configure({ directory: 'copies', keep: { count: 1 }, when: 'always' })
    writeFiles(project.directory, nextRevision('next', { up: run('CREATE TABLE "before" ("n" integer)') }))
    await made()
    const { backup: before } = (await project.succeeds('upgrade --json')).json<RunResult>()
    const { backups, directory } = (await backup('list --json')).json<BackupsResult>()
    expect(directory).toBe(path.join(project.directory, 'copies'))
    expect(backups).toEqual([
      expect.objectContaining({ id: before?.id, path: before?.path, reason: 'before-upgrade', revision: [ids.posts] }),
    ])
  })

  test('--directory starts from the working directory', async () => {
    expect((await backup('create --directory other --json')).json<BackupResult>().path).toContain(
      path.join(project.directory, 'other'),
    )
    expect((await backup('list --directory other --json')).json<BackupsResult>().backups).toHaveLength(1)
  })

  test('a folder that cannot be made is an error with the way out', async () => {
    writeFiles(project.directory, { backups: 'a file where the folder should be' })
    const ran = await backup('create')
    expect(ran.code).toBe(1)
    expect(ran.stderr).toContain(
      `error: ${folder()} cannot hold backups: it is a file, or a part of its path is one [ALUDEL_BACKUP]`,
    )
    expect(ran.stderr).toContain('backup.directory')
    writeFiles(project.directory, nextRevision('next', { up: run('DROP TABLE "posts"') }))
    const refused = await project.migrate('upgrade --json')
    expect(refused.json<ErrorDocument>().error.code).toBe('ALUDEL_BACKUP')
    expect(await project.tables()).toContain('posts')
  })

  test('a signal ends it, and leaves nothing', async () => {
    // On SQLite the copy is over before a signal arrives, unless the process stops itself.
    if (dialect === 'sqlite') return
    await writePgPrograms(programs(), {
      dump: 'echo half > "$4"; echo DUMPING > "$(dirname "$0")/begun"; exec sleep 3600',
    })
    const begun = path.join(programs(), 'begun')
    let isWatched = false
    const ran = await project.alone(['backup', 'create', '--json'], {
      onStderr: (_text, kill) => {
        if (isWatched) return
        isWatched = true
        const look = setInterval(() => {
          if (!existsSync(begun)) return
          clearInterval(look)
          kill('SIGINT')
        }, 10)
      },
    })
    expect(ran.code).toBe(130)
    expect(ran.json<ErrorDocument>().error).toMatchObject({
      code: 'ALUDEL_INTERRUPTED',
      message: 'interrupted while the backup was made',
    })
    expect(readdirSync(folder())).toEqual(['.gitignore'])
  })

  test('a folder that this user may not write is an error with the way out', async () => {
    mkdirSync(folder())
    chmodSync(folder(), 0o555)
    chmodSync(project.directory, 0o755)
    if (dialect === 'sqlite') chmodSync(path.dirname(project.database.address), 0o755)
    const isRoot = process.getuid?.() === 0
    try {
      const refused = await project.alone(['backup', 'create', '--json'], isRoot ? { uid: 65_534 } : {})
      expect(refused.json<ErrorDocument>().error).toMatchObject({
        code: 'ALUDEL_BACKUP',
        message: `${folder()} cannot hold backups: this user may not write there`,
      })
      expect(readdirSync(folder())).toEqual([])
    } finally {
      chmodSync(folder(), 0o755)
    }
  })
})
