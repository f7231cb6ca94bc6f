import { idOf, writeRevisions, type WrittenRevision } from '../inspect/revision-files'
import { dialectNames, dialectOf } from '../run/databases'
import { entity, id, openProject, type TestProject } from './project'

describe.each(dialectNames)('what created an unmanaged object on %s', (dialect) => {
  let project: TestProject
  const things = entity('things', { id })
  beforeEach(async () => {
    project = await openProject(dialect)
  })
  afterEach(async () => {
    jest.restoreAllMocks()
    await project.remove()
  })

  /** Revisions in a line: their statements, named a, b, c … */
  const line = (...statements: readonly (readonly string[])[]): Promise<void> =>
    writeRevisions(
      project,
      ...statements.map((up, at): WrittenRevision => {
        const name = (index: number): string => `r${String(index).padStart(3, '0')}`
        return { id: name(at), message: 'step', down: at === 0 ? [] : [name(at - 1)], up }
      }),
    )
  const makers = async (): Promise<Record<string, string | undefined>> => {
    const { unmanaged } = await project.migrator([things]).check()
    return Object.fromEntries(unmanaged.map(({ pattern, madeBy }) => [pattern, madeBy?.revision]))
  }
  const revision = (index: number): string => idOf(`r${String(index).padStart(3, '0')}`)
  const first = 'create table things (id integer primary key)'

  test('is found without reading the schema after revisions that do not concern it', async () => {
    const others = Array.from({ length: 30 }, (_, index) => [
      `CREATE TABLE "others_${String(index)}" ("id" integer)`,
      `DROP TABLE "others_${String(index)}"`,
    ])
    await line([first], ...others, ['create index by_hand on things (id desc)'], ...others)
    const read = jest.spyOn(dialectOf(dialect).introspection, 'read')
    expect(await makers()).toEqual({ 'index:things.by_hand': revision(31) })
    // The revisions, the entities, and before and after the first and the one that created it.
    expect(read.mock.calls.length).toBeLessThan(10)
  })

  test('is found under the names that it and its table had before', async () => {
    await line(
      ['create table items (id integer primary key, old text)', 'create view seen as select id from items'],
      ['create table others (id integer)'],
      dialect === 'sqlite' ? ['drop view seen'] : [],
      ['alter table items rename to articles'],
      ['alter table articles rename column old to notes'],
      ['alter table articles rename to things'],
      ['drop table others'],
      dialect === 'sqlite' ? ['create view seen as select id from things'] : ['alter view seen rename to viewed'],
    )
    expect(await makers()).toEqual({
      'column:things.notes': revision(0),
      ...(dialect === 'sqlite' ? { 'view:seen': revision(7) } : { 'view:viewed': revision(0) }),
    })
  })

  test('is found if the statement that creates it does not name it', async () => {
    if (dialect === 'sqlite') return
    const long = 'l'.repeat(70)
    await line(
      [first],
      [`create view ${long} as select 1 as one`],
      [`DO $$ BEGIN EXECUTE 'create table ' || 'hid' || 'den (id integer)'; END $$`],
      ['create table others (id integer)', 'drop table others'],
    )
    // PostgreSQL cuts the name.
    expect(await makers()).toEqual({ [`view:${long.slice(0, 63)}`]: revision(1), 'table:hidden': revision(2) })
  })
})
