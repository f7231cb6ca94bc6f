import { closeSync, openSync, writeSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import path from 'node:path'

import { canMount, SmallDisk } from '../../../../tools/testing/small-disk'
import type { RunEvent } from '../../src/project/events'
import { entity, id, openProject, type TestProject, text } from '../migrator/project'
import { dialectNames } from '../run/databases'

/** Takes what is free, at once. */
function fill({ folder }: SmallDisk): void {
  const file = openSync(path.join(folder, 'filler'), 'a')
  try {
    for (;;) writeSync(file, Buffer.alloc(4096, 1))
  } catch {
    // The disk is full.
  } finally {
    closeSync(file)
  }
}

/** Where no disk can be mounted, there is nothing to test. */
const onSmallDisk = canMount ? describe : describe.skip

onSmallDisk.each(dialectNames)('a backup of %s on a disk that becomes full', (dialect) => {
  const notes = entity('notes', { id, body: text(50) })
  let project: TestProject
  let disk: SmallDisk
  beforeEach(async () => {
    disk = await SmallDisk.mount(4)
    project = await openProject(dialect)
    await project.migrator([notes]).create('notes', { revisionId: 'aaaaaaaaaaaa' })
    await project.migrator([notes]).upgrade()
    // About a megabyte.
    const rows = {
      sqlite: `WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 20000) SELECT i, hex(randomblob(25)) FROM r`,
      postgres: `SELECT i, repeat('x', 50) FROM generate_series(1, 20000) i`,
    }
    await project.database.rows(`INSERT INTO "notes" ${rows[dialect]}`)
  })
  afterEach(async () => {
    await project.remove()
    await disk.unmount()
  })

  test('fails, leaves no file, and runs nothing', async () => {
    await project.write({
      '1999999999999-forget.js': `exports.Forget1999999999999 = class { constructor() { this.name = 'Forget1999999999999' }
  async up(queryRunner) { await queryRunner.query('DELETE FROM "notes"') } async down() {} }`,
    })
    const backupDirectory = path.join(disk.folder, 'backups')
    let isFull = false
    // There was room when it began.
    const onEvent = (event: RunEvent): void => {
      if (event.type !== 'backup' || isFull) return
      isFull = true
      fill(disk)
    }
    // Copies of tables need no program, and are written by this process.
    const migrator = project.migrator([notes], { onEvent, backups: { tools: '/nowhere' } })
    const error: unknown = await migrator.upgrade('head', { backupDirectory }).catch((caught: unknown) => caught)
    expect(isFull).toBe(true)
    expect(error).toMatchObject({
      code: 'ALUDEL_BACKUP',
      message: expect.stringMatching(/full|no space left|disk I\/O error/i) as string,
      help: expect.stringContaining('Nothing was changed') as string,
    })
    expect(await readdir(backupDirectory)).toEqual(['.gitignore'])
    expect(await project.database.rows('SELECT count(*) AS "n" FROM "notes"')).toEqual([
      { n: dialect === 'sqlite' ? 20_000 : '20000' },
    ])
  })
})
