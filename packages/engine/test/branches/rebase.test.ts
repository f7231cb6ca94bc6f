import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'

import { entity, id, openProject, type TestProject, text } from '../migrator/project'
import { dialectNames } from '../run/databases'

const yes = { confirm: () => Promise.resolve(true) }

describe.each(dialectNames)('rebase on %s', (dialect) => {
  let project: TestProject
  let theirs: string
  let ours: string
  let ours2: string

  const people = (columns: object = {}) => entity('people', { id, name: text(50), ...columns })
  const born = { born: { type: 'date', nullable: true } }
  const died = { died: { type: 'date', nullable: true } }
  const pets = entity('pets', { id })
  const toys = entity('toys', { id })

  async function create(message: string, ...entities: Parameters<TestProject['migrator']>[0][number][]) {
    return (await project.migrator(entities).create(message, yes)).created?.revision ?? ''
  }

  async function hide(names: readonly string[]): Promise<Record<string, string>> {
    const files = await project.files()
    const hidden = Object.fromEntries(
      Object.entries(files).filter(([name]) => names.some((part) => name.includes(part))),
    )
    for (const name of Object.keys(hidden)) await rm(path.join(project.revisions, name))
    return hidden
  }

  /** The history is created once, and each test gets its files. */
  let written: Readonly<Record<string, string>> | undefined

  beforeEach(async () => {
    project = await openProject(dialect)
    if (written !== undefined) return project.write(written)
    await create('first', people())
    ours = await create('our pets', people(died), pets)
    ours2 = await create('our toys', people(died), pets, toys)
    // The other developer does not have these files.
    const hidden = await hide(['our-'])
    theirs = await create('their column', people(born))
    await project.write(hidden)
    written = await project.files()
  })
  afterEach(() => project.remove())

  test('puts a branch on top of the other head, with later timestamps, and has nothing to do where it is', async () => {
    const before = await project.files()
    const migrator = project.migrator([people({ ...born, ...died }), pets, toys])
    const nothingToDo = { code: 'ALUDEL_NOTHING_TO_DO' }
    await expect(migrator.rebase(ours, { onto: ours2 })).rejects.toMatchObject(nothingToDo)
    const result = await migrator.rebase(ours2)
    expect(result).toMatchObject({
      onto: theirs,
      written: true,
      moved: [
        { revision: ours, down: [theirs] },
        { revision: ours2, down: [ours] },
      ],
      branches: [{ commute: true, conflicts: [] }],
    })
    const after = await project.files()
    expect(Object.keys(after)).toHaveLength(4)
    expect(Object.keys(after)[1]).toMatch(/-their-column\.ts$/)
    expect(Object.keys(after)[2]).toMatch(/-our-pets\.ts$/)
    // Only parent and timestamp change.
    const [was = '', is = ''] = [before, after].map(
      (files) => Object.entries(files).find(([name]) => name.endsWith('our-pets.ts'))?.[1],
    )
    const rest = (content: string): string =>
      content.replace(/\d{13}/g, 'T').replace(/downRevision = '.*'/, 'downRevision')
    expect(rest(is)).toBe(rest(was))
    expect(is).not.toBe(was)

    expect(await migrator.check()).toMatchObject({ clean: true, branches: [] })
    const { steps } = await migrator.upgrade()
    expect(steps.map(({ revision }) => revision).slice(1)).toEqual([theirs, ours, ours2])
    expect(await migrator.verify()).toMatchObject({
      revisions: expect.not.arrayContaining([{ down: 'differs' }]) as [],
    })
    expect((await migrator.heads()).heads).toMatchObject([{ revision: ours2 }])
    expect((await readdir(project.revisions)).filter((name) => name.startsWith('.'))).toEqual([])
    await expect(migrator.rebase(ours2, { onto: theirs })).rejects.toMatchObject(nothingToDo)
    await expect(migrator.rebase(ours2)).rejects.toMatchObject(nothingToDo)
  })

  test('takes the tests of a revision along, which then pass on top of the other head', async () => {
    const [name = ''] = Object.keys(await project.files()).filter((one) => one.endsWith('our-pets.ts'))
    const stem = name.slice(0, -'.ts'.length)
    const testing = JSON.stringify(path.resolve(__dirname, '../../src/testing'))
    await project.write({
      [`${stem}.test.ts`]: `import { testRevision } from ${testing}
import * as tested from './${stem}'
export default testRevision({ pets: { before: () => void tested, after: { pets: [] }, back: 'as before' } })`,
    })
    await project.migrator([]).rebase(ours2)
    const names = Object.keys(await project.files())
    expect(names).toHaveLength(5)
    const moved = names.find((one) => one.endsWith('our-pets.ts'))?.slice(0, -'.ts'.length)
    expect(moved).not.toBe(stem)
    expect(names).toContain(`${String(moved)}.test.ts`)
    expect(await project.migrator([]).test()).toMatchObject({ tests: [{ revision: ours, outcome: 'passed' }] })
  })

  test('refuses a branch with an applied revision, and moves the descendants of the named revision too', async () => {
    const migrator = project.migrator([people(died), pets])
    await migrator.upgrade(ours)
    await expect(migrator.rebase(ours2)).rejects.toMatchObject({
      code: 'ALUDEL_REVISION_APPLIED',
      message: `already applied in this database: ${ours}`,
      help: expect.stringContaining(`aludel migrate downgrade ${ours}-1`) as string,
    })
    await migrator.downgrade(`${ours}-1`)
    const before = await project.files()
    const { moved, written: isWritten } = await migrator.rebase(ours, { onto: theirs, dryRun: true })
    expect(isWritten).toBe(false)
    expect(moved.map(({ revision }) => revision)).toEqual([ours, ours2])
    expect(await project.files()).toEqual(before)
  })

  test('asks for --onto if there are several other heads', async () => {
    await project.migrator([people()]).create('third', { autogenerate: false, head: `${theirs}-1`, splice: true })
    await expect(project.migrator([people()]).rebase(ours2)).rejects.toMatchObject({
      code: 'ALUDEL_MULTIPLE_HEADS',
      help: expect.stringContaining('--onto') as string,
    })
  })

  test('refuses a branch that fails on the new parent, and writes nothing', async () => {
    const hidden = await hide(['our-'])
    await project.migrator([people({ ...born, ...died })]).create('their death', yes)
    await project.write(hidden)
    const before = await project.files()
    await expect(project.migrator([people()]).rebase(ours2)).rejects.toMatchObject({
      code: 'ALUDEL_REPLAY',
      message: expect.stringContaining(ours) as string,
    })
    expect(await project.files()).toEqual(before)
  })
})

test('rebase refuses a SQLite rebuild that would drop a column of the other branch', async () => {
  const project = await openProject('sqlite')
  try {
    const make = async (message: string, columns: object) =>
      (await project.migrator([entity('people', { id, ...columns })]).create(message, yes)).created
    await make('first', { name: text(50) })
    const shorter = await make('shorter', { name: text(20) })
    const content = await readFile(shorter?.path ?? '', 'utf8')
    await rm(shorter?.path ?? '')
    await make('born', { name: text(50), born: { type: 'date', nullable: true } })
    await writeFile(shorter?.path ?? '', content)
    await expect(project.migrator([]).rebase(shorter?.revision ?? '')).rejects.toMatchObject({
      code: 'ALUDEL_PROOF',
      message: expect.stringMatching(/has a different effect on sqlite: drop column people\.born/) as string,
      help: expect.stringContaining('delete') as string,
    })
  } finally {
    await project.remove()
  }
})
