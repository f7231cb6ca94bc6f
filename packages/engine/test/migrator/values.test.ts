import type { CreateConfirmation, Migrator, RenameQuestion } from '../../src'
import type { RunEvent } from '../../src/project/events'
import { dialectNames } from '../run/databases'
import { entity, id, openProject, type TestProject, text } from './project'
import {
  begin,
  expectClean,
  expectRowsOf,
  flagsOf,
  runTogether,
  noBackup,
  readTables,
  type Together,
  undo,
} from './together'
import { valueCases } from './value-cases'

const yes = { confirm: () => Promise.resolve(true) }
const table = (name: string, columns: object) => entity(name, { id, ...columns } as never)
const mood = (...values: readonly string[]) => ({ type: 'simple-enum', enum: values, default: values[0] })

/** Changes of columns in tables that contain rows, up and down. */
describe.each(dialectNames)('migration of values on %s', (dialect) => {
  let project: TestProject

  const newestFile = async () => Object.values(await project.files()).at(-1) ?? ''

  describe('in revisions that succeed', () => {
    const cases = valueCases(dialect)
    let found: Together
    const questions: unknown[] = []
    const warnings: RunEvent[] = []

    beforeAll(async () => {
      const options = {
        ...yes,
        askBackfill: (question: unknown) => {
          questions.push(question)
          return Promise.resolve(`${dialect}: '?'`)
        },
        askRename: (question: RenameQuestion) => {
          questions.push(question)
          return Promise.resolve(question.table?.name === 'renamed' ? 'fine' : { map: 'bad' })
        },
      }
      const onEvent = (event: RunEvent): void => {
        if (event.type === 'warning') warnings.push(event)
      }
      project = await openProject(dialect)
      found = await runTogether(project, cases, options, { onEvent })
    })

    afterAll(() => project.remove())

    test.each(cases)('$title', (one) => expectRowsOf(one, found))

    test('asks about a column without a value, with the number of rows, and about enum values that may be renamed', () => {
      expect(questions).toMatchObject([
        { kind: 'value', table: { name: 'mapped' }, column: 'mood', from: 'good', kept: ['so-so', 'bad'] },
        { kind: 'value', table: { name: 'renamed' }, column: 'mood', from: 'good', kept: ['so-so', 'bad'] },
        { kind: 'new', flag: 'asked.initial', rows: 2, dialects: [dialect] },
      ])
    })

    test('reports the answers, and writes them into the header', () => {
      const { result, file } = found.made[0] ?? {}
      expect(result?.needs).toBeUndefined()
      expect(result?.answers).toContainEqual({
        kind: 'backfill',
        flag: 'initials.initial=substr(name, 1, 1)',
        text: 'fill initials.initial with substr(name, 1, 1)',
      })
      const { rename, map, backfill, using } = flagsOf(cases.map(({ revisions }) => revisions[0].flags ?? {}))
      expect(file?.match(/(?<= \* Answered: ).*/g)).toEqual([
        [
          ...[...rename, 'renamed.mood.good=fine'].map((flag) => `--rename ${flag}`),
          ...[...map, 'mapped.mood.good=bad'].map((flag) => `--map ${flag}`),
        ].join(' '),
        ...using.map((flag) => `--using "${flag}"`),
        ...[...backfill, `${dialect}:asked.initial= '?'`].map((flag) => `--backfill "${flag}"`),
      ])
    })

    test('loses only dropped, converted and mapped values', () => {
      const { result } = found.made[0] ?? {}
      expect(result?.destroys).toEqual([
        `which rows of mapped.mood were 'good': they become 'bad'`,
        `which rows of mixed.mood were 'so-so': they become 'bad'`,
        'values of countries.country',
        expect.stringMatching(/^old values of weights.size, which become .*replace\(/),
      ])
    })

    test('renames objects instead of recreating them', () => {
      const operations = found.made[0]?.result.operations ?? []
      expect(operations.filter(({ op }) => /^(?:create|drop)(?:Table|Index)|Unique$/.test(op))).toEqual([])
      expect(operations.filter(({ table }) => table === 'renamed').map(({ op, name }) => [op, name])).toEqual([
        ['renameValue', 'mood.good'],
      ])
    })

    test('proves all changes with sample rows', () => {
      expect(warnings).toEqual([])
    })
  })

  describe('in revisions that fail', () => {
    beforeAll(async () => {
      project = await openProject(dialect)
    })

    afterAll(() => project.remove())

    test('stops at rows that violate the change, up and down, and changes nothing', async () => {
      const size = { type: 'decimal', precision: 10, scale: 2 } as const
      const before = {
        gaps: { name: text(50) },
        nulls: { name: text(50, { nullable: true }) },
        numbers: { size: { type: 'text' } },
        moods: { mood: mood('good', 'so-so', 'bad') },
        letters: { mood: mood('good', 'so-so', 'bad') },
        countries: { name: text(50), country: text(2) },
      }
      const after = {
        gaps: { name: text(50), initial: text(1) },
        nulls: { name: text(50) },
        numbers: { size: { type: 'int' } },
        moods: { mood: mood('good', 'bad') },
        letters: { mood: text(20) },
        countries: { name: text(50) },
      }
      const tables = (all: Record<string, object>) => Object.entries(all).map(([name, columns]) => table(name, columns))
      const three = ['good', 'so-so', 'bad'].map((one, index) => ({ id: index + 1, mood: one }))
      await begin(project, [...tables(before), entity('keys', { code: { ...text(20), primary: true }, size })], {
        gaps: [
          { id: 1, name: 'Ada' },
          { id: 2, name: 'Grace' },
        ],
        nulls: [
          { id: 1, name: 'Ada' },
          { id: 2, name: null },
        ],
        numbers: [
          { id: 1, size: '12' },
          { id: 2, size: 'many' },
        ],
        moods: three,
        letters: three,
        countries: [{ id: 1, name: 'Ada', country: 'gb' }],
        keys: [
          { code: 'a', size: 3 },
          { code: 'b', size: 1.5 },
        ],
      })
      const names = [...Object.keys(before), 'keys']
      async function expectStops(run: () => Promise<unknown>, stops: readonly (readonly [string, string])[]) {
        for (const [index, [message, fix]] of stops.entries()) {
          const rows = await readTables(project, names)
          await expect(run()).rejects.toMatchObject({
            code: 'ALUDEL_STATEMENT',
            details: { statement: index === 0 ? 1 : (expect.any(Number) as number), kept: 0 },
            message: expect.stringContaining(message) as string,
          })
          expect(await readTables(project, names)).toEqual(rows)
          await project.database.rows(fix)
        }
      }

      const migrator = project.migrator([...tables(after), entity('keys', { size: { type: 'int', primary: true } })])
      const confirmed: CreateConfirmation[] = []
      const { needs } = await migrator.create('change', {
        noRename: ['keys.code'],
        askBackfill: () => Promise.resolve(null),
        confirm: (question) => {
          confirmed.push(question)
          return Promise.resolve(true)
        },
      })
      expect(confirmed.map(({ destroys, conditions }) => [destroys, conditions])).toEqual([
        [
          ['values of countries.country', 'values of keys.code'],
          [
            'gaps has no rows: its new column initial is NOT NULL and has no default (2 rows of the database violate this)',
            expect.stringMatching(
              /^every value of keys.size, .* until now, fits integer \(1 row of the database violates this\)$/,
            ),
            'no row has NULL in nulls.name, which becomes NOT NULL (1 row of the database violates this)',
            'every value of numbers.size, text until now, fits integer (1 row of the database violates this)',
            `no row of moods.mood is 'so-so' (1 row of the database violates this)`,
          ],
        ],
      ])
      expect(needs).toMatchObject([
        { kind: 'noRows', column: 'gaps.initial', rows: 2 },
        { kind: 'fits', column: 'keys.size', rows: 1 },
        { kind: 'noNulls', column: 'nulls.name', rows: 1 },
        { kind: 'fits', column: 'numbers.size', rows: 1 },
        { kind: 'values', column: 'moods.mood', rows: 1, flag: '--map moods.mood.so-so=<remaining value>' },
      ])
      expect(await newestFile()).toContain('To undo it needs: countries has no rows')

      await expectStops(
        () => migrator.upgrade('head', noBackup),
        [
          ['rows of gaps without a value for its new NOT NULL column initial: 2', 'DELETE FROM "gaps"'],
          ['rows of keys.size that do not fit integer: 1', `UPDATE "keys" SET "size" = 4 WHERE "code" = 'b'`],
          [
            'rows with NULL in nulls.name, which becomes NOT NULL: 1',
            `UPDATE "nulls" SET "name" = '' WHERE "name" IS NULL`,
          ],
          ['rows of numbers.size that do not fit integer: 1', `UPDATE "numbers" SET "size" = '99' WHERE "id" = 2`],
          [
            'rows of moods.mood with a removed value (so-so): 1',
            `UPDATE "moods" SET "mood" = 'bad' WHERE "mood" = 'so-so'`,
          ],
        ],
      )
      await migrator.upgrade('head', noBackup)
      await expectClean(migrator)
      expect(await readTables(project, names)).toEqual({
        gaps: [],
        nulls: [
          { id: 1, name: 'Ada' },
          { id: 2, name: '' },
        ],
        numbers: [
          { id: 1, size: 12 },
          { id: 2, size: 99 },
        ],
        moods: [
          { id: 1, mood: 'good' },
          { id: 2, mood: 'bad' },
          { id: 3, mood: 'bad' },
        ],
        letters: three,
        countries: [{ id: 1, name: 'Ada' }],
        keys: [{ size: 3 }, { size: 4 }],
      })
      await project.database.rows(`INSERT INTO "letters" ("id", "mood") VALUES (4, 'other')`)
      await expectStops(
        () => migrator.downgrade('-1', noBackup),
        [
          ['column code', 'DELETE FROM "keys"'],
          ['column country', 'DELETE FROM "countries"'],
          ['rows of letters.mood that are not one of good, so-so, bad: 1', `DELETE FROM "letters" WHERE "id" = 4`],
        ],
      )
      await undo(migrator)
      expect(await readTables(project, names)).toEqual({
        gaps: [],
        nulls: [
          { id: 1, name: 'Ada' },
          { id: 2, name: '' },
        ],
        numbers: [
          { id: 1, size: '12' },
          { id: 2, size: '99' },
        ],
        moods: [
          { id: 1, mood: 'good' },
          { id: 2, mood: 'bad' },
          { id: 3, mood: 'bad' },
        ],
        letters: three,
        countries: [],
        keys: [],
      })
    })
  })

  describe('create', () => {
    const wanted = { name: text(50), mood: mood('good', 'so-so', 'bad'), age: { type: 'int' } }
    let migrator: Migrator

    beforeAll(async () => {
      const { age: _, ...columns } = wanted
      project = await openProject(dialect)
      await begin(project, [table('people', columns)], {
        people: [
          { id: 1, name: 'Ada', mood: 'bad' },
          { id: 2, name: 'Grace', mood: 'bad' },
        ],
      })
      migrator = project.migrator([table('people', wanted)])
    })

    afterEach(async () => {
      expect(Object.keys(await project.files())).toHaveLength(1)
    })

    afterAll(() => project.remove())

    test.each([
      [{ backfill: ['people.name=1'] }, '--backfill people.name=1: no column people.name is new or becomes NOT NULL'],
      [{ using: ['people.nothing=1'] }, '--using people.nothing=1: no column people.nothing changes its type'],
      [{ backfill: ['people'] }, '--backfill people is not of the form table.column=expression'],
      [{ map: ['people.name.a=b'] }, '--map people.name.a=b: no enum value people.name.a is gone'],
    ])('refuses flags that are malformed or without a matching change: %j', async (options, message) => {
      await expect(migrator.create('change', options)).rejects.toMatchObject({ code: 'ALUDEL_USAGE', message })
    })

    test('refuses flags that are given for another dialect only', async () => {
      const other = dialectNames.find((name) => name !== dialect) ?? ''
      await expect(migrator.create('change', { backfill: [`${other}:people.age=1`], ...yes })).rejects.toMatchObject({
        code: 'ALUDEL_USAGE',
      })
    })

    test('refuses a new NOT NULL column without a backfill unless confirmed', async () => {
      await expect(migrator.create('change')).rejects.toMatchObject({
        code: 'ALUDEL_CONFIRMATION',
        details: { needs: [{ kind: 'noRows', column: 'people.age', rows: 2, dialects: [dialect] }] },
        help: expect.stringContaining('--backfill "people.age=<SQL expression>"') as string,
      })
    })

    test('tests a backfill expression with sample rows, and names what fails', async () => {
      await expect(
        migrator.create('change', { backfill: ['people.age=no_such_function(name)'] }),
      ).rejects.toMatchObject({
        code: 'ALUDEL_PROOF',
        message: expect.stringContaining('no_such_function') as string,
        help: expect.stringContaining(`${dialect}:table.column`) as string,
      })
    })

    test('refuses an enum value that replaces another until a flag declares whether it was renamed', async () => {
      const other = project.migrator([table('people', { ...wanted, mood: mood('fine', 'so-so', 'bad') })])
      await expect(other.create('change')).rejects.toMatchObject({
        code: 'ALUDEL_RENAME_QUESTION',
        help: expect.stringMatching(
          /--rename people\.mood\.good=fine\n.*--map people\.mood\.good=so-so[\s\S]*--no-rename people\.mood\.good/,
        ) as string,
      })
    })
  })
})
