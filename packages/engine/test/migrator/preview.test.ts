import { readFile } from 'node:fs/promises'

import type { CreatePreview, CreateQuestion } from '../../src/results'
import { dialectNames } from '../run/databases'
import { rejection } from '../run/revisions'
import { entity, type EntityOption, id, openProject, type TestProject, text } from './project'

const note = { type: 'text', nullable: true } as const
const users = entity('users', { id, name: text(50), note })

/** An object that reads the column `note`: its pattern, and its statement. */
const reading = {
  sqlite: ['trigger:users.tr', 'CREATE TRIGGER tr AFTER UPDATE OF note ON users BEGIN SELECT new.note; END'],
  postgres: ['policy:users.po', `CREATE POLICY po ON users USING (note <> '')`],
} as const

describe.each(dialectNames)('previewCreate on %s', (dialect) => {
  let project: TestProject
  let written: Readonly<Record<string, string>>
  const reader = reading[dialect][0]
  const kept = ['index:users.by_hand', reader]
  beforeAll(async () => {
    project = await openProject(dialect)
    await project.migrator([users]).create('make users')
    await project.write({
      '1999999999998-index.ts': `export class Index1999999999998 {
  async up(queryRunner) {
    await queryRunner.query('CREATE INDEX by_hand ON users (lower(note))')
    await queryRunner.query(${JSON.stringify(reading[dialect][1])})
  }
  async down(queryRunner) { await queryRunner.query('DROP INDEX "by_hand"') }
}
`,
    })
    await project.migrator([users]).upgrade()
    await project.database.rows(`INSERT INTO "users" ("id", "name") VALUES (1, 'ann')`)
    written = await project.files()
  })
  afterAll(() => project.remove())
  afterEach(async () => {
    expect(await project.files()).toEqual(written)
  })

  const preview = (
    entities: readonly EntityOption[],
    options: Parameters<ReturnType<TestProject['migrator']>['previewCreate']>[1] = {},
  ): Promise<CreatePreview> => project.migrator(entities).previewCreate('next', { keep: kept, ...options })
  const questionsOf = (found: CreatePreview): readonly CreateQuestion[] => {
    if (found.state !== 'questions') throw new Error(`the preview is ${found.state}: ${JSON.stringify(found)}`)
    return found.questions
  }
  const answersOf = (question: CreateQuestion | undefined) =>
    question?.options.map(({ answer, typed }) =>
      answer === undefined ? `${typed?.list ?? ''} ${typed?.prefix ?? ''}…` : `${answer.list} ${answer.value}`,
    )

  test('finds that nothing differs', async () => {
    expect(await preview([users])).toEqual({ state: 'same' })
  })

  test('asks about an unmanaged object', async () => {
    const questions = questionsOf(await preview([users], { keep: [reader] }))
    expect(questions).toMatchObject([
      {
        kind: 'unmanaged',
        text: expect.stringContaining('by_hand') as string,
        unmanaged: { pattern: 'index:users.by_hand' },
      },
    ])
    expect(answersOf(questions[0])).toEqual(['keep index:users.by_hand', 'drop index:users.by_hand'])
    const dropped = await preview([users], { keep: [reader], drop: ['index:users.by_hand'] })
    expect(dropped).toMatchObject({
      state: 'ready',
      result: {
        operations: [{ op: 'dropIndex' }],
        answers: [
          { kind: 'keep', flag: reader },
          { kind: 'drop', flag: 'index:users.by_hand' },
        ],
      },
    })
  })

  test('offers only to drop an object that cannot be kept', async () => {
    const questions = questionsOf(await preview([entity('users', { id, name: text(50) })], { keep: [] }))
    expect(questions.map(answersOf)).toEqual([[`drop ${reader}`]])
    expect(questions[0]?.detail).toBe(
      'It cannot be kept: it needs column users.note, which is dropped. To keep it, change it first, in a revision of its own.',
    )
  })

  test('asks about a rename, and previews each answer', async () => {
    const renamed = entity('users', { id, name: text(50), remark: note })
    const drop = { keep: [reader], drop: ['index:users.by_hand'] }
    const found = await preview([renamed], drop)
    const questions = questionsOf(found)
    expect(questions).toEqual([
      {
        kind: 'rename',
        text: 'column users.note is gone, and remark is new: was it renamed?',
        options: [
          {
            label: expect.stringContaining('renamed to remark') as string,
            answer: { list: 'rename', value: 'users.note=remark' },
          },
          {
            label: expect.stringContaining('users.note is dropped') as string,
            answer: { list: 'noRename', value: 'users.note' },
            destroys: true,
          },
        ],
      },
    ])
    expect(found).toMatchObject({
      answers: [
        { kind: 'keep', flag: reader },
        { kind: 'drop', flag: 'index:users.by_hand' },
      ],
    })
    const renaming = await preview([renamed], { ...drop, rename: ['users.note=remark'] })
    expect(renaming).toMatchObject({ state: 'ready', result: { created: null, destroys: [] } })
    const lost = await preview([renamed], { keep: [], drop: kept, noRename: ['users.note'] })
    expect(lost).toMatchObject({ state: 'ready', result: { destroys: ['values of users.note'] } })
  })

  test('asks which value rows get, which may also be none', async () => {
    const more = entity('users', { id, name: text(50), note, team: text(20) })
    const questions = questionsOf(await preview([more]))
    expect(questions).toMatchObject([
      { kind: 'backfill', text: expect.stringContaining('users.team is new') as string },
    ])
    expect(answersOf(questions[0])).toEqual(['backfill users.team=…', 'accept users.team'])
    const filled = await preview([more], { backfill: ["users.team='none'"] })
    expect(filled).toMatchObject({
      state: 'ready',
      result: {
        answers: expect.arrayContaining([
          { kind: 'backfill', flag: "users.team='none'", text: expect.any(String) as string },
        ]) as unknown,
      },
    })
    if (filled.state === 'ready') expect(filled.result.needs).toBeUndefined()
    const accepted = await preview([more], { accept: ['users.team'] })
    expect(accepted).toMatchObject({ state: 'ready', result: { needs: [{ kind: 'noRows', column: 'users.team' }] } })
  })

  test('gives the file that create writes', async () => {
    const at = { clock: () => new Date('2030-01-02T03:04:05.678Z') }
    const more = [entity('users', { id, name: text(60), note, team: text(20, { nullable: true }) })]
    const options = { keep: kept, revisionId: 'ab12cd34ef56', branchLabels: ['wide'] }
    const found = await project.migrator(more, at).previewCreate('name it `well` */', options)
    if (found.state !== 'ready') throw new Error(found.state)
    const { file, result } = found
    expect(found).not.toHaveProperty('more')
    expect(result.sql[dialect]?.up.length).toBeGreaterThan(0)
    expect(await project.files()).toEqual(written)
    const created = await project.migrator(more, at).create('name it `well` */', options)
    expect(created.created).toEqual({ revision: 'ab12cd34ef56', path: file.path })
    expect(file).toEqual({
      ...{ revision: 'ab12cd34ef56', path: created.created?.path, language: 'ts' },
      source: await readFile(file.path, 'utf8'),
    })
    const { unmanaged: _, created: _created, more: _more, ...rest } = created
    expect(result).toMatchObject(rest)
    written = await project.files()
  })

  test('fails as create does', async () => {
    const failures = await Promise.all(
      [
        project.migrator([users]).previewCreate(' '),
        preview([users], { rename: ['users.gone=name'] }),
        preview([users], { head: 'zz' }),
        preview([entity('broken', { id, what: { type: 'no-such-type' as 'int' } })]),
      ].map(rejection),
    )
    expect(failures.map((error) => (error as { code?: string }).code)).toEqual([
      'ALUDEL_USAGE',
      'ALUDEL_USAGE',
      'ALUDEL_UNKNOWN_REVISION',
      'ALUDEL_ENTITIES',
    ])
  })
})

describe.each(dialectNames)('previewCreate of names that TypeORM derives, on %s', (dialect) => {
  test('asks about all of them once, with the other questions', async () => {
    const project = await openProject(dialect)
    try {
      const indexed = (more: object = {}) =>
        entity('users', { id, name: text(50), ...more }, { indices: [{ columns: ['name'] }] })
      await project.migrator([indexed()]).create('make users')
      for (const [file, source] of Object.entries(await project.files()))
        await project.write({ [file]: source.replace(/\bIDX_[0-9a-f]+/g, 'IDX_0123456789abcdef01234567890') })
      const migrator = project.migrator([indexed({ team: text(20) })])
      const found = await migrator.previewCreate('next')
      if (found.state !== 'questions') throw new Error(found.state)
      expect(found.questions.map(({ kind }) => kind)).toEqual(['names', 'backfill'])
      expect(found.questions[0]).toMatchObject({
        names: [{ kind: 'index', database: 'IDX_0123456789abcdef01234567890' }],
        options: [{ answer: { list: 'names', value: 'keep' } }, { answer: { list: 'names', value: 'rename' } }],
      })
      const renamed = await migrator.previewCreate('next', { names: 'rename', accept: ['users.team'] })
      expect(renamed).toMatchObject({
        state: 'ready',
        result: { operations: expect.arrayContaining([expect.objectContaining({ op: 'renameIndex' })]) as unknown },
      })
    } finally {
      await project.remove()
    }
  })
})
