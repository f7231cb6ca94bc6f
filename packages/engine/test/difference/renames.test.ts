import { isAludelError } from '../../src/errors'
import { describeOperation } from '../../src/operations'
import {
  applyRenames,
  findRenameCandidates,
  parseNoRenameFlag,
  parseRenameFlag,
  renameQuestions,
  type RenameSides,
} from '../../src/difference/renames'
import { similarity } from '../../src/difference/renames/similarity'
import type { Schema } from '../../src/schema/schema'
import { column, schema, table } from '../support/build-schema'

const text = (name: string, nullable = false) => column(name, { type: 'text', nullable })
const sides = (from: Schema, to: Schema, dialect = 'sqlite'): RenameSides => ({ dialect, from, to })
const noFlags = { rename: [], noRename: [] }

/** The code, message and help of the error. */
function failure(work: () => unknown): { code: string; message: string; help: string | undefined } {
  try {
    work()
  } catch (error) {
    if (isAludelError(error)) return { code: error.code, message: error.message, help: error.help }
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('findRenameCandidates', () => {
  test('lists columns whose values can be carried over, likeliest first', () => {
    const from = schema([table('users', ['id', text('description'), column('flag', { type: 'boolean' })])])
    const to = schema([table('users', ['id', text('remark'), column('born', { type: 'date' }), text('other', true)])])
    expect(findRenameCandidates(from, to).map(({ from: old, to: wanted }) => `${old}=${wanted}`)).toEqual([
      'description=remark',
      'description=other',
      'flag=remark',
      'flag=other',
    ])
  })

  test('leaves out computed columns', () => {
    const computed = column('x', { generated: { kind: 'stored', expression: 'id' } })
    expect(findRenameCandidates(schema([table('t', ['id', computed])]), schema([table('t', ['id', 'y'])]))).toEqual([])
  })

  test('lists tables that have enough columns in common', () => {
    const from = schema([table('users', ['id', 'name', 'born']), table('metrics', ['id', 'value', 'at', 'unit'])])
    const to = schema([table('people', ['id', 'name', 'email', 'born']), table('tags', ['id', 'label'])])
    expect(findRenameCandidates(from, to)).toMatchObject([{ kind: 'table', from: 'users', to: 'people' }])
  })

  test('needs fewer common columns when the table names are nearly the same', () => {
    const pair = (name: string) =>
      findRenameCandidates(
        schema([table('user_account', ['id', 'a', 'b', 'c'])]),
        schema([table(name, ['id', 'x', 'y', 'z'])]),
      )
    expect(pair('user_accounts')).toHaveLength(1)
    expect(pair('invoices')).toEqual([])
  })
})

describe('applyRenames', () => {
  const from = schema([table('users', ['id', 'name'])])

  test('renames tables first, and finds their columns by the old or the new table name', () => {
    for (const name of ['users', 'people']) {
      const { operations, schema: after } = applyRenames(from, [
        { kind: 'column', table: { name }, from: 'name', to: 'full_name' },
        { kind: 'table', from: 'users', to: 'people' },
      ])
      expect(operations.map(describeOperation)).toEqual([
        'rename table users to people',
        'rename column people.name to full_name',
      ])
      expect(after.tables[0]).toMatchObject({ name: 'people', columns: [{ name: 'id' }, { name: 'full_name' }] })
    }
  })

  test('creates the schema that a table moves to', () => {
    const { operations } = applyRenames(from, [
      { kind: 'table', from: 'users', to: 'app.users', toTable: { schema: 'app', name: 'users' } },
    ])
    expect(operations.map(describeOperation)).toEqual(['create schema app', 'rename table users to app.users'])
  })

  test('reads the part before a dot as a schema only if that schema exists', () => {
    const to = (value: Schema) =>
      applyRenames(value, [{ kind: 'table', from: 'users', to: 'app.users' }]).schema.tables[0]
    expect(to(from)?.name).toBe('app.users')
    expect(to({ ...from, schemas: ['app'] })).toMatchObject({ schema: 'app', name: 'users' })
  })

  test('ignores renames of unknown tables and columns', () => {
    expect(
      applyRenames(from, [
        { kind: 'table', from: 'gone', to: 'x' },
        { kind: 'column', table: { name: 'users' }, from: 'gone', to: 'x' },
        { kind: 'column', table: { name: 'gone' }, from: 'a', to: 'x' },
      ]),
    ).toEqual({ operations: [], schema: from })
  })
})

describe('parseRenameFlag and parseNoRenameFlag', () => {
  test('split a rename at the first equals sign', () => {
    expect(parseRenameFlag('users.name=full_name')).toEqual({ left: 'users.name', right: 'full_name' })
    expect(parseRenameFlag(' audit.users.name = full=name ')).toEqual({ left: 'audit.users.name', right: 'full=name' })
    expect(parseNoRenameFlag('users.name')).toBe('users.name')
  })

  test.each(['users', 'users=', '=people', ''])('reject %j as a value of --rename', (flag) => {
    expect(failure(() => parseRenameFlag(flag)).code).toBe('ALUDEL_USAGE')
  })

  test.each(['', 'a=b'])('reject %j as a value of --no-rename', (flag) => {
    expect(failure(() => parseNoRenameFlag(flag)).code).toBe('ALUDEL_USAGE')
  })
})

describe('renameQuestions', () => {
  const from = schema([table('users', ['id', text('nickname', true), text('bio')])])
  const to = schema([table('users', ['id', text('country', true), text('about')])])

  test('asks once for several dialects', () => {
    const { answers, open } = renameQuestions([sides(from, to), sides(from, to, 'postgres')], noFlags)
    expect(answers).toEqual([])
    expect(open).toMatchObject([
      {
        kind: 'column',
        table: { name: 'users' },
        from: 'nickname',
        candidates: ['country', 'about'],
        dialects: ['sqlite', 'postgres'],
        noRenameFlag: 'users.nickname',
        flags: ['--rename users.nickname=country', '--rename users.nickname=about', '--no-rename users.nickname'],
      },
      { from: 'bio', noRenameFlag: 'users.bio' },
    ])
    expect(open[0]?.message).toBe('column users.nickname is gone, and country and about are new: was it renamed?')
  })

  test('asks nothing when no column is new or no new column fits', () => {
    expect(renameQuestions([sides(from, schema([table('users', ['id'])]))], noFlags).open).toEqual([])
    const flag = schema([table('users', ['id', column('flag', { type: 'boolean' })])])
    expect(
      renameQuestions([sides(flag, schema([table('users', ['id', column('at', { type: 'date' })])]))], noFlags).open,
    ).toEqual([])
  })

  test('takes flags as answers, and offers no name that a flag has taken', () => {
    const { answers, open } = renameQuestions([sides(from, to)], { rename: ['users.nickname=about'], noRename: [] })
    expect(answers).toEqual([{ kind: 'column', table: { name: 'users' }, from: 'nickname', to: 'about' }])
    expect(open).toMatchObject([{ from: 'bio', candidates: ['country'] }])
    expect(
      renameQuestions([sides(from, to)], { rename: ['users.nickname=about'], noRename: ['users.bio'] }).open,
    ).toEqual([])
  })

  test('accepts an implausible rename that a flag requests', () => {
    const implausible = schema([table('users', ['id', column('at', { type: 'date' })])])
    const only = schema([table('users', ['id', column('flag', { type: 'boolean' })])])
    expect(
      renameQuestions([sides(only, implausible)], { rename: ['users.flag=at'], noRename: [] }).answers,
    ).toHaveLength(1)
  })

  test('asks about tables first, and about their columns after that answer', () => {
    const renamed = schema([table('people', ['id', text('country', true), text('bio')])])
    const first = renameQuestions([sides(from, renamed)], noFlags)
    expect(first.open).toMatchObject([
      { kind: 'table', from: 'users', candidates: ['people'], flags: ['--rename users=people', '--no-rename users'] },
    ])
    const second = renameQuestions([sides(from, renamed)], { rename: ['users=people'], noRename: [] })
    expect(second.open).toMatchObject([
      { kind: 'column', table: { name: 'people' }, from: 'nickname', noRenameFlag: 'people.nickname' },
    ])
    for (const column of ['people.nickname', 'users.nickname']) {
      const third = renameQuestions([sides(from, renamed)], {
        rename: [`${column}=country`, 'users=people'],
        noRename: [],
      })
      expect(third.open).toEqual([])
      const operations = applyRenames(from, third.answers).operations.map(describeOperation)
      expect(operations).toEqual(['rename table users to people', 'rename column people.nickname to country'])
    }
    // The flag for the column waits for the answer about the table.
    expect(
      renameQuestions([sides(from, renamed)], { rename: ['users.nickname=country'], noRename: [] }).open,
    ).toHaveLength(1)
    expect(renameQuestions([sides(from, renamed)], { rename: [], noRename: ['users'] })).toEqual({
      answers: [],
      open: [],
    })
  })

  test('matches a table in a schema with the same table of a dialect without schemas', () => {
    const inApp = (value: Schema): Schema => ({
      ...value,
      schemas: ['app'],
      tables: value.tables.map((item) => ({ ...item, schema: 'app' })),
    })
    const both = [sides(inApp(from), inApp(to), 'postgres'), sides(from, to)]
    expect(renameQuestions(both, noFlags).open.map((question) => question.noRenameFlag)).toEqual([
      'app.users.nickname',
      'app.users.bio',
    ])
    for (const flag of ['app.users.nickname=country', 'users.nickname=country']) {
      const { answers } = renameQuestions(both, { rename: [flag], noRename: ['app.users.bio'] })
      expect(applyRenames(inApp(from), answers).operations).toHaveLength(1)
      expect(applyRenames(from, answers).operations).toHaveLength(1)
    }
    const moved = [
      sides(
        inApp(from),
        {
          ...inApp(from),
          tables: [{ ...table('people', ['id', text('nickname', true), text('bio')]), schema: 'app' }],
        },
        'postgres',
      ),
      sides(from, schema([table('people', ['id', text('nickname', true), text('bio')])])),
    ]
    const { answers, open } = renameQuestions(moved, { rename: ['app.users=people'], noRename: [] })
    expect(open).toEqual([])
    expect(applyRenames(inApp(from), answers).operations.map(describeOperation)).toEqual([
      'rename table app.users to app.people',
    ])
    expect(applyRenames(from, answers).operations.map(describeOperation)).toEqual(['rename table users to people'])
  })

  describe('with names that are reused', () => {
    const said = (before: Schema, after: Schema, rename: string[], noRename: string[] = []) => {
      const { answers, open } = renameQuestions([sides(before, after)], { rename, noRename })
      const { operations } = applyRenames(before, answers)
      return { open: open.map(({ noRenameFlag }) => noRenameFlag), done: operations.map(describeOperation) }
    }
    const abc = schema([table('t', ['id', text('a'), text('b'), text('c')])])
    const named = (...names: string[]) => schema([table('t', ['id', ...names.map((name) => text(name))])])

    test('renames a chain in an order in which each new name is free', () => {
      const { open, done } = said(abc, named('b', 'c', 'd'), ['t.a=b', 't.b=c', 't.c=d'])
      expect(open).toEqual([])
      expect(done).toEqual(['rename column t.c to d', 'rename column t.b to c', 'rename column t.a to b'])
    })

    test('renames a cycle through a temporary name', () => {
      expect(said(abc, abc, ['t.a=b', 't.b=c', 't.c=a']).done).toEqual([
        'rename column t.a to aludel_aside_1',
        'rename column t.c to a',
        'rename column t.b to c',
        'rename column t.aludel_aside_1 to b',
      ])
      const tables = schema([table('x', ['id', text('a')]), table('y', ['id', text('b')])])
      const swapped = schema([table('x', ['id', text('b')]), table('y', ['id', text('a')])])
      expect(said(tables, swapped, ['x=y', 'y=x'])).toEqual({
        open: [],
        done: ['rename table x to aludel_aside_1', 'rename table y to x', 'rename table aludel_aside_1 to y'],
      })
    })

    test('finds a column of a swapped table by the new name of the table', () => {
      const tables = schema([table('x', ['id', text('a')]), table('y', ['id', text('b')])])
      const swapped = schema([table('x', ['id', text('bb')]), table('y', ['id', text('aa')])])
      expect(said(tables, swapped, ['x=y', 'y=x', 'x.b=bb', 'y.a=aa']).done.slice(3)).toEqual([
        'rename column x.b to bb',
        'rename column y.a to aa',
      ])
    })

    test('asks about a column whose new name is not answered yet', () => {
      expect(said(named('a', 'b'), named('b', 'c'), ['t.b=c'])).toEqual({
        open: ['t.a'],
        done: ['rename column t.b to c'],
      })
      expect(said(named('a', 'b'), named('b', 'c'), ['t.b=c'], ['t.a']).open).toEqual([])
    })

    test('reuses the name of a dropped column for a renamed one', () => {
      expect(said(named('a', 'b'), named('b'), ['t.a=b'], ['t.b'])).toEqual({
        open: [],
        done: ['rename column t.b to b_old', 'rename column t.a to b'],
      })
    })

    test('refuses a name that another column keeps, and names that do not change', () => {
      expect(failure(() => said(abc, named('b', 'c'), ['t.a=b']))).toMatchObject({
        message: '--rename t.a=b: no column b is new there',
        help: expect.stringContaining('add a flag for that too') as string,
      })
      expect(failure(() => said(abc, abc, ['t.a=a'])).message).toBe(
        '--rename t.a=a: no table, column or value t.a is gone',
      )
      expect(failure(() => said(abc, named('b', 'c'), [], ['t.b'])).code).toBe('ALUDEL_USAGE')
    })
  })

  describe('validation of flags', () => {
    const ask =
      (rename: string[], noRename: string[] = []) =>
      () =>
        renameQuestions([sides(from, to)], { rename, noRename })

    test('rejects a flag whose old name is not gone', () => {
      expect(failure(ask(['users.nick=about']))).toEqual({
        code: 'ALUDEL_USAGE',
        message: '--rename users.nick=about: no table, column or value users.nick is gone',
        help: 'Gone: users.nickname, users.bio.',
      })
      expect(failure(ask([], ['users.id']))).toEqual({
        code: 'ALUDEL_USAGE',
        message: '--no-rename users.id: no table, column or value of that name is gone',
        help: 'Gone: users.nickname, users.bio.',
      })
    })

    test('rejects a flag whose new name is not new', () => {
      expect(failure(ask(['users.bio=id']))).toEqual({
        code: 'ALUDEL_USAGE',
        message: '--rename users.bio=id: no column id is new there',
        help: 'New there: country, about. If id is the old name of something else, add a flag for that too.',
      })
    })

    test('accepts flags for two tables of the same name in different schemas', () => {
      const both = (a: string, b: string) =>
        schema([table('items', ['id', text(a)]), table('items', ['id', text(b)], { schema: 'audit' })])
      const flags = { rename: ['items.old=name', 'audit.items.was=name'], noRename: [] }
      const { answers, open } = renameQuestions([sides(both('old', 'was'), both('name', 'name'), 'postgres')], flags)
      expect(open).toEqual([])
      expect(answers).toMatchObject([
        { table: { name: 'items' }, from: 'old', to: 'name' },
        { table: { schema: 'audit', name: 'items' }, from: 'was', to: 'name' },
      ])
    })

    test('rejects flags that contradict each other', () => {
      expect(failure(ask(['users.bio=about', 'users.bio=country'])).message).toContain(
        'contradicts --rename users.bio=',
      )
      expect(failure(ask(['users.bio=about'], ['users.bio'])).message).toContain('contradicts --no-rename users.bio')
      expect(failure(ask(['users.bio=about', 'users.nickname=about'])).message).toContain(
        'contradicts --rename users.bio=about',
      )
    })

    test('rejects a rename when nothing is gone', () => {
      expect(failure(() => renameQuestions([sides(to, to)], { rename: ['a=b'], noRename: [] })).help).toBe(
        'No table, column or value is gone.',
      )
    })
  })
})

test('similarity compares names by their letters, without case and underscores', () => {
  expect(similarity('fullName', 'full_name')).toBe(1)
  expect(similarity('name', 'fullName')).toBeGreaterThan(0.5)
  expect(similarity('name', 'country')).toBe(0)
  expect(similarity('a', 'A')).toBe(1)
})
