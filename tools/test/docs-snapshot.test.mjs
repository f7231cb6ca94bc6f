// Tests the snapshot that restores the workspace of the documents.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { Snapshot } from '../docs/snapshot.mjs'
import { stateOf } from './folder-state.mjs'

describe('Snapshot', () => {
  /** @type {string} */
  let folder
  /** @param {...string} names */
  const inside = (...names) => join(folder, ...names)

  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), 'aludel-docs-test-')), 'folder')
    mkdirSync(inside('src', 'empty'), { recursive: true })
    writeFileSync(inside('src', 'a.txt'), 'aaa')
    writeFileSync(inside('src', 'read-only.txt'), 'bbb', { mode: 0o444 })
    writeFileSync(inside('binary'), Buffer.from([0, 255, 128, 10]), { mode: 0o755 })
    symlinkSync('src/a.txt', inside('link'))
    symlinkSync('nowhere', inside('broken'))
    const time = new Date('2026-01-02T03:04:05.678Z')
    for (const file of ['src/a.txt', 'src/read-only.txt', 'binary']) utimesSync(inside(file), time, time)
  })
  afterEach(() => rmSync(dirname(folder), { recursive: true }))

  for (const [what, change] of /** @type {[string, () => void][]} */ ([
    ['a changed file', () => writeFileSync(inside('src', 'a.txt'), 'longer')],
    [
      'a file of the same size and time with another content',
      () => {
        const { atime, mtime } = lstatSync(inside('src', 'a.txt'))
        writeFileSync(inside('src', 'a.txt'), 'xyz')
        utimesSync(inside('src', 'a.txt'), atime, mtime)
      },
    ],
    [
      'a file that is changed by another name of it',
      () => {
        linkSync(inside('src', 'a.txt'), join(dirname(folder), 'other'))
        writeFileSync(join(dirname(folder), 'other'), 'xyz')
      },
    ],
    ['the time of a file', () => utimesSync(inside('binary'), 1, 1)],
    ['the permissions of a file', () => chmodSync(inside('src', 'read-only.txt'), 0o777)],
    ['the permissions of a folder', () => chmodSync(inside('src'), 0o500)],
    ['a locked folder', () => chmodSync(inside('src'), 0)],
    ['a deleted file', () => rmSync(inside('src', 'read-only.txt'))],
    ['a deleted folder', () => rmSync(inside('src'), { recursive: true })],
    ['a deleted link', () => rmSync(inside('link'))],
    ['a moved folder', () => renameSync(inside('src'), inside('moved'))],
    ['a new file', () => writeFileSync(inside('src', 'new.txt'), '')],
    ['a new folder', () => mkdirSync(inside('new', 'newer'), { recursive: true })],
    ['a new link', () => symlinkSync('..', inside('new'))],
    ['a new pipe', () => execFileSync('mkfifo', [inside('pipe')])],
    [
      'a link to elsewhere',
      () => {
        rmSync(inside('link'))
        symlinkSync('src/b.txt', inside('link'))
      },
    ],
    [
      'a folder that became a file',
      () => {
        rmSync(inside('src'), { recursive: true })
        writeFileSync(inside('src'), '')
      },
    ],
    [
      'a folder that became a link',
      () => {
        renameSync(inside('src'), join(dirname(folder), 'src'))
        symlinkSync(join(dirname(folder), 'src'), inside('src'))
      },
    ],
    [
      'a file that became a folder',
      () => {
        rmSync(inside('binary'))
        mkdirSync(inside('binary', 'inner'), { recursive: true })
      },
    ],
    ['everything, deleted', () => rmSync(folder, { recursive: true })],
  ])) {
    test(`restores ${what}, as often as it happens`, () => {
      const before = stateOf(folder)
      const snapshot = new Snapshot(folder)
      for (let times = 0; times < 2; times++) {
        change()
        assert.notDeepEqual(existsSync(folder) ? stateOf(folder) : [], before)
        snapshot.restore()
        assert.deepEqual(stateOf(folder), before)
        rmSync(join(dirname(folder), 'other'), { force: true })
        rmSync(join(dirname(folder), 'src'), { force: true, recursive: true })
      }
    })
  }

  test('does not touch unchanged files', () => {
    const snapshot = new Snapshot(folder)
    const before = lstatSync(inside('binary'), { bigint: true })
    writeFileSync(inside('src', 'a.txt'), 'longer')
    snapshot.restore()
    const after = lstatSync(inside('binary'), { bigint: true })
    assert.deepEqual([after.ino, after.ctimeNs], [before.ino, before.ctimeNs])
  })
})
