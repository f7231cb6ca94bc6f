import type { DialectName } from '../../src/dialect/registry'
import { dialectNames } from '../run/databases'
import { rejection } from '../run/revisions'
import { entity, id, openProject, type TestProject, text } from './project'
import {
  type Case,
  expectCleanDatabase,
  expectRowsOf,
  expectRows,
  runTogether,
  readTables,
  type Together,
} from './together'

const unique = { ...text(50), unique: true }

/** A case with one revision: the tables and rows before and after it, and the renames. */
const swap = (
  title: string,
  [before, rows]: readonly [Case['before'], Case['rows']],
  flags: Case['revisions'][0]['flags'] & object,
  [after, then]: readonly [Case['before'], Case['rows']],
  rest: Pick<Case, 'later'> & Partial<Pick<Case, 'undone'>> = {},
): Case => ({ title, before, rows, revisions: [{ entities: after, flags, rows: then }], undone: rows, ...rest })

const people = (first: object, last: object) => [
  entity('people', { id, given: first, family: last } as never, {
    indices: [{ name: 'by_family', columns: ['family'] }],
    checks: [{ name: 'ck', expression: `"family" <> ''` }],
  }),
]

const texts = (name: string, ...columns: readonly string[]) => [
  entity(name, { id, ...Object.fromEntries(columns.map((column) => [column, text(50)])) }),
]

/** Rows of `owner` reference those of `target`. */
const referencing = (owner: string, columns: object, column: string, target: string, referenced = 'id') =>
  entity(owner, { id, ...columns } as never, {
    foreignKeys: [{ name: `fk_${column}`, target, columnNames: [column], referencedColumnNames: [referenced] }],
  })

const lists = (first: string, second: string) => [
  entity(
    'lists',
    { id, a: text(50), b: text(50) },
    {
      indices: [
        { name: 'ix_1', columns: [first] },
        { name: 'ix_2', columns: [second] },
      ],
    },
  ),
]

const readings = [
  entity('facts', { id, claim: text(50), proof: text(50) }),
  entity('readings', { claim: { type: 'text', primary: true } }, {
    type: 'view',
    expression: 'SELECT "claim" FROM "facts"',
  } as never),
]

function casesOf(dialect: DialectName): readonly Case[] {
  const type = dialect === 'postgres' ? 'enum' : 'simple-enum'
  const moods = (more: string) => [
    entity('moods', { id, mood: { type, enum: ['high', 'low', 'none'], default: more } }),
  ]
  const post = { id: 1, text: 'draft', post_id: 7 }
  const posting = { text: text(50), post_id: { type: 'int' } }
  return [
    swap(
      'swaps two columns with their index, check and unique constraint',
      [people(text(50), unique), { people: [{ id: 1, given: 'Ada', family: 'Lovelace' }] }],
      { rename: ['people.given=family', 'people.family=given'] },
      [people(unique, text(50)), { people: [{ id: 1, given: 'Lovelace', family: 'Ada' }] }],
    ),
    swap(
      'renames columns in a chain',
      [texts('versions', 'first', 'second'), { versions: [{ id: 1, first: 'a', second: 'b' }] }],
      { rename: ['versions.first=second', 'versions.second=third'] },
      [texts('versions', 'second', 'third'), { versions: [{ id: 1, second: 'a', third: 'b' }] }],
    ),
    swap(
      'gives a column the name of a dropped one',
      [texts('users', 'name', 'full_name'), { users: [{ id: 1, name: 'ada', full_name: 'Ada Lovelace' }] }],
      { rename: ['users.full_name=name'], noRename: ['users.name'] },
      [texts('users', 'name'), { users: [{ id: 1, name: 'Ada Lovelace' }] }],
      // A downgrade has no value to restore for the dropped one.
      { later: ['DELETE FROM "users"'], undone: { users: [] } },
    ),
    swap(
      'swaps two tables with a foreign key between them',
      [
        [entity('posts', { id, title: unique }), referencing('drafts', posting, 'post_id', 'posts')],
        { posts: [{ id: 7, title: 'published' }], drafts: [post] },
      ],
      { rename: ['posts=drafts', 'drafts=posts', 'drafts.title=heading'] },
      [
        [entity('drafts', { id, heading: unique }), referencing('posts', posting, 'post_id', 'drafts')],
        { drafts: [{ id: 7, heading: 'published' }], posts: [post] },
      ],
    ),
    swap(
      'swaps two values of an enum',
      [
        moods('low'),
        {
          moods: [
            { id: 1, mood: 'high' },
            { id: 2, mood: 'low' },
            { id: 3, mood: 'none' },
          ],
        },
      ],
      { rename: ['moods.mood.high=low', 'moods.mood.low=high'] },
      [
        moods('high'),
        {
          moods: [
            { id: 1, mood: 'low' },
            { id: 2, mood: 'high' },
            { id: 3, mood: 'none' },
          ],
        },
      ],
    ),
    swap('swaps two indexes', [lists('a', 'b'), { lists: [{ id: 1, a: 'a', b: 'b' }] }], {}, [
      lists('b', 'a'),
      { lists: [{ id: 1, a: 'a', b: 'b' }] },
    ]),
    {
      title: 'lets a view read the column that has the name afterwards',
      before: readings,
      rows: { facts: [{ id: 1, claim: 'c', proof: 'p' }] },
      revisions: [
        {
          entities: readings,
          flags: { rename: ['facts.claim=proof', 'facts.proof=claim'] },
          rows: { readings: [{ claim: 'p' }] },
        },
      ],
      undone: { readings: [{ claim: 'c' }] },
    },
    swap(
      'renames columns in a chain and references a new table under the name of a renamed one',
      [
        [...texts('items', 'a', 'b'), ...texts('places', 'label')],
        { items: [{ id: 1, a: 'a', b: 'b' }], places: [{ id: 7, label: 'kept' }] },
      ],
      { rename: ['items.a=b', 'items.b=c', 'places=labels'] },
      [
        [
          referencing('items', { b: text(50), c: text(50), place: { type: 'int', nullable: true } }, 'place', 'places'),
          ...texts('places', 'label'),
          ...texts('labels', 'label'),
        ],
        { items: [{ id: 1, b: 'a', c: 'b', place: null }], labels: [{ id: 7, label: 'kept' }], places: [] },
      ],
    ),
    swap(
      'renames a referenced column and adds a new one under its old name',
      [
        [entity('goods', { id, code: unique }), referencing('logs', { good: text(50) }, 'good', 'goods', 'code')],
        { goods: [{ id: 1, code: 'x' }] },
      ],
      { rename: ['goods.code=value'], noRename: ['logs'] },
      [
        [entity('goods', { id, value: unique, code: { type: 'int', default: 0 } })],
        { goods: [{ id: 1, value: 'x', code: 0 }] },
      ],
    ),
  ]
}

/** Names that swap, or that move along a chain: create cannot ask about these renames, so the caller names them. */
describe.each(dialectNames)('create with swapped names on %s', (dialect) => {
  const cases = casesOf(dialect)
  const after = cases.flatMap(({ revisions }) => revisions[0].entities)
  let project: TestProject
  let found: Together
  const destroys: string[] = []

  beforeAll(async () => {
    project = await openProject(dialect)
    const confirm = (question: { readonly destroys: readonly string[] }) => {
      destroys.push(...question.destroys)
      return Promise.resolve(true)
    }
    found = await runTogether(project, cases, { confirm })
  })

  afterAll(() => project.remove())

  const operationsOn = (table: string) =>
    found.made[0]?.result.operations.filter((operation) => operation.table === table) ?? []

  test.each(cases)('$title', (one) => expectRowsOf(one, found))

  test('loses only the values of dropped columns and tables', () => {
    expect(destroys).toEqual(['values of users.name_old', 'all rows of logs'])
    expect(found.made[0]?.result.destroys).toEqual(destroys)
  })

  test('renames swapped columns through a temporary name that is free', () => {
    // The first temporary name is used for the tables.
    expect(operationsOn('people').slice(0, 3)).toMatchObject([
      { op: 'renameColumn', name: 'given', to: 'aludel_aside_2' },
      { op: 'renameColumn', name: 'family', to: 'given' },
      { op: 'renameColumn', name: 'aludel_aside_2', to: 'family' },
    ])
  })

  test('renames swapped indexes and does not rebuild them', () => {
    expect(new Set(operationsOn('lists').map(({ op }) => op))).toEqual(new Set(['renameIndex']))
  })

  test('restores the foreign key of a renamed column when undone, and can be applied again', async () => {
    await project.database.rows(`INSERT INTO "logs" VALUES (1, 'x')`)
    await expect(project.database.rows(`INSERT INTO "logs" VALUES (2, 'y')`)).rejects.toThrow(/foreign key/i)
    await project.database.rows('DELETE FROM "logs"')
    const { migrator } = found
    await migrator.upgrade()
    await expectCleanDatabase(migrator)
    for (const { revisions } of cases) {
      const { users: _users, ...rows } = revisions[0].rows
      expectRows(await readTables(project, Object.keys(rows)), rows)
    }
  })

  test('proposes the last name of a chain if no renames are given', async () => {
    const others = after.filter(({ options }) => options.name !== 'versions')
    const migrator = project.migrator([...others, ...texts('versions', 'third', 'fourth')])
    expect(await rejection(migrator.create('change'))).toMatchObject({
      code: 'ALUDEL_RENAME_QUESTION',
      help: expect.stringContaining('--rename versions.second=fourth') as string,
    })
  })
})
