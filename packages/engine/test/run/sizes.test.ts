import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'

import { writePgPrograms } from '../../../../tools/testing/pg-programs'
import { idOf, writeRevisions } from '../inspect/revision-files'
import { openProject, type TestProject } from '../migrator/project'
import type { Migrator } from '../../src/migrator'
import { dialectNames } from './databases'
import { rejection } from './revisions'

const [a, b] = [idOf('a'), idOf('b')]

describe.each(dialectNames)('plan with sizes on %s', (dialect) => {
  let project: TestProject
  const pathBefore = process.env['PATH']
  beforeEach(async () => {
    project = await openProject(dialect)
    process.env['PATH'] = await writePgPrograms(project.directory)
    await writeRevisions(
      project,
      {
        id: 'a',
        message: 'make users',
        up: ['CREATE TABLE "users" ("id" integer PRIMARY KEY, "name" text)', 'CREATE TABLE "teams" ("id" integer)'],
        undo: ['DROP TABLE "teams"', 'DROP TABLE "users"'],
      },
      {
        id: 'b',
        message: 'forget names',
        down: ['a'],
        up: ['ALTER TABLE "users" DROP COLUMN "name"'],
        undo: ['ALTER TABLE "users" ADD COLUMN "name" text'],
      },
      {
        id: 'c',
        message: 'index teams',
        down: ['b'],
        up: ['CREATE INDEX "ix" ON "teams" ("id")'],
        undo: ['DROP INDEX "ix"'],
      },
    )
    await open().upgrade('a')
    await project.database.rows(`INSERT INTO "users" ("id", "name") VALUES (1, 'x'), (2, 'y')`)
    await project.database.rows('ANALYZE')
  })
  afterEach(async () => {
    process.env['PATH'] = pathBefore
    await project.remove()
  })

  const open = (options: Parameters<TestProject['migrator']>[1] = {}): Migrator => project.migrator([], options)
  const columns = async (): Promise<readonly string[]> =>
    Object.keys((await project.database.rows('SELECT * FROM "users"'))[0] ?? {})

  test('shows the tables of each step, the backup, and whether anything is lost', async () => {
    const plan = await open().plan('upgrade', 'head', { sizes: true })
    expect(plan.steps.map(({ tables }) => tables.map(({ name, rows }) => [name, rows]))).toEqual([
      [['users', 2]],
      [['teams', 0]],
    ])
    expect(plan.steps[0]?.tables[0]?.bytes).toBeGreaterThan(0)
    expect(plan.backup).toEqual({ kind: 'database', bytes: expect.any(Number) as number })
    expect(plan.needsConfirmation).toBe(true)
    expect(plan.fingerprint).toMatch(/^[0-9a-f]{32}$/)
    const { steps, needsConfirmation, backup, fingerprint, ...rest } = plan
    const plain = await open().plan('upgrade')
    expect({ ...rest, steps: steps.map(({ tables: _, ...step }) => step) }).toEqual(plain)
    expect(Object.keys(plain)).not.toContain('fingerprint')
    expect(await columns()).toEqual(['id', 'name'])
  })

  test('backs up nothing where nothing is lost, or where that is forbidden', async () => {
    await open().upgrade('b')
    const plan = await open().plan('upgrade', 'head', { sizes: true })
    expect(plan).toMatchObject({ backup: null, needsConfirmation: false })
    expect((await open().plan('upgrade', 'head', { sizes: true, backup: 'always' })).backup).toMatchObject({
      kind: 'database',
    })
    const losing = await open().plan('downgrade', 'base', { sizes: true, backup: 'never' })
    expect(losing).toMatchObject({ backup: null, needsConfirmation: true })
    await open().upgrade()
    const nothing = await open().plan('upgrade', 'head', { sizes: true, backup: 'always' })
    expect(nothing).toMatchObject({ steps: [], backup: null, needsConfirmation: false })
  })

  test('needs no confirmation for what is kept', async () => {
    const plan = await open().plan('upgrade', 'head', { sizes: true, keepDropped: true })
    expect(plan.steps[0]?.keeps).toMatchObject([{ kept: true }])
    expect(plan.needsConfirmation).toBe(false)
  })

  test('shows the backup that the run makes', async () => {
    const tools = path.join(project.directory, 'nothing')
    await mkdir(tools)
    const migrator = open({ backups: { tools } })
    const plan = await migrator.plan('upgrade', 'b', { sizes: true })
    expect(plan.backup?.kind).toBe(dialect === 'sqlite' ? 'database' : 'tables')
    expect(plan.backup?.bytes).toBeGreaterThan(0)
    expect((await migrator.upgrade('b', { expect: plan.fingerprint })).backup?.kind).toBe(plan.backup?.kind)
  })

  describe('whose fingerprint a run expects', () => {
    const fingerprintOf = async (direction: 'upgrade' | 'downgrade', target: string): Promise<string> =>
      (await open().plan(direction, target, { sizes: true })).fingerprint

    test('runs what was shown', async () => {
      const { steps } = await open().upgrade('head', { expect: await fingerprintOf('upgrade', 'head') })
      expect(steps).toHaveLength(2)
      const undone = await open().downgrade('base', { expect: await fingerprintOf('downgrade', 'base') })
      expect(undone.steps).toHaveLength(3)
      const nothing = await open().downgrade('base', { expect: await fingerprintOf('downgrade', 'base') })
      expect(nothing.steps).toEqual([])
    })

    test('refuses a plan whose steps are done, before anything runs', async () => {
      const expect1 = await fingerprintOf('upgrade', 'head')
      await open().upgrade()
      const error = await rejection(open().upgrade('head', { expect: expect1 }))
      expect(error).toMatchObject({
        code: 'ALUDEL_PLAN_CHANGED',
        kind: 'refused',
        details: { expected: expect1, steps: [] },
      })
    })

    test('refuses other steps, before anything runs', async () => {
      const shown = await fingerprintOf('upgrade', 'head')
      await open().upgrade('b')
      const backups = await readdir(path.join(project.directory, 'backups'))
      const error = await rejection(open().upgrade('head', { expect: shown, backup: 'always' }))
      expect(error).toMatchObject({ code: 'ALUDEL_PLAN_CHANGED', details: { steps: [idOf('c')] } })
      expect((await open().current()).current).toEqual([b])
      expect(await readdir(path.join(project.directory, 'backups'))).toEqual(backups)
    })

    test('refuses the other direction', async () => {
      const up = await fingerprintOf('upgrade', 'b')
      await open().upgrade('b')
      expect(await rejection(open().downgrade('a', { expect: up }))).toMatchObject({ code: 'ALUDEL_PLAN_CHANGED' })
    })

    test('refuses a file that was edited since, in a migrator that has read it before', async () => {
      const migrator = open()
      const { fingerprint } = await migrator.plan('upgrade', 'b', { sizes: true })
      const file = path.join(project.revisions, `1763750000001-${b}.ts`)
      await writeFile(file, (await readFile(file, 'utf8')).replace('COLUMN \\"name', 'COLUMN \\"id'))
      expect(await rejection(migrator.upgrade('b', { expect: fingerprint }))).toMatchObject({
        code: 'ALUDEL_PLAN_CHANGED',
      })
      expect(await columns()).toEqual(['id', 'name'])
      expect((await migrator.current()).current).toEqual([a])
    })
  })
})
