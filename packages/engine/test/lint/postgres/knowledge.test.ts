import type { LintStep } from '../../../src/lint/rule'
import { addedConstraints, commandsIn } from '../../../src/lint/postgres/commands'
import { PostgresKnowledge } from '../../../src/lint/postgres/read'
import type { PostgresSubject } from '../../../src/lint/postgres/subject'
import { changedType, costOf, isProvedNotNull, longWork } from '../../../src/lint/postgres/work'
import { loadPostgresEffects } from '../../../src/sql/postgres/effects'
import { loadGrammar } from '../../../src/sql/postgres/grammar'

function stepOf(revision: string, statements: readonly string[]): LintStep {
  return {
    revision,
    direction: 'upgrade',
    statements,
    transactional: true,
    declaresOutside: false,
    generated: false,
  }
}

/** What `look` sees at the last statement, in a revision after one with `before`. */
async function at<Seen>(
  before: readonly string[],
  statements: readonly string[],
  look: (subject: PostgresSubject) => Seen,
): Promise<Seen | undefined> {
  const [grammar, effects] = [await loadGrammar(), await loadPostgresEffects()]
  const knowledge = new PostgresKnowledge({ grammar, effects, rows: () => undefined, server: 13 })
  for (const _ of knowledge.subjects(stepOf('a', before)));
  let seen: Seen | undefined
  // What is known changes after each statement.
  for (const subject of knowledge.subjects(stepOf('b', statements))) seen = look(subject)
  return seen
}

describe('a statement', () => {
  test('has its place in its text in bytes', async () => {
    expect(await at([], [`SELECT 'ü';\n  DROP TABLE a ;`], ({ sql, start }) => [sql, start])).toEqual([
      'DROP TABLE a',
      15,
    ])
    expect(await at([], ['\n DROP TABLE a'], ({ sql, start }) => [sql, start])).toEqual(['DROP TABLE a', 2])
  })
})

describe('commands of ALTER TABLE', () => {
  test('have their table and position', async () => {
    const found = await at([], ['ALTER TABLE s.a ADD b int, DROP c'], (subject) =>
      commandsIn(subject).map(({ table, position, command }) => [table.text, position, command.subtype]),
    )
    expect(found).toEqual([
      ['s.a', 0, 'AT_AddColumn'],
      ['s.a', 1, 'AT_DropColumn'],
    ])
  })

  test('are left out for a new table, and for other objects', async () => {
    expect(await at([], ['CREATE TABLE a ()', 'ALTER TABLE a ADD b int'], commandsIn)).toEqual([])
    expect(await at([], ['ALTER TYPE a ADD ATTRIBUTE b int'], commandsIn)).toEqual([])
    expect(await at([], ['ALTER INDEX a SET (fillfactor = 70)'], commandsIn)).toEqual([])
  })

  test('add constraints alone and at new columns', async () => {
    const found = await at([], ['ALTER TABLE a ADD CHECK (b > 0), ADD c int CHECK (c > 0) UNIQUE'], (subject) =>
      addedConstraints(subject, 'CONSTR_CHECK').map(({ position, column }) => [position, column?.colname]),
    )
    expect(found).toEqual([
      [0, undefined],
      [1, 'c'],
    ])
  })
})

describe('a constraint without a name', () => {
  test.each([
    ['ALTER TABLE a ADD CHECK (b > 0 AND b < 9)', 'a_b_check'],
    ['ALTER TABLE a ADD CHECK (b > c)', 'a_check'],
    ['ALTER TABLE a ADD UNIQUE (b) INCLUDE (c)', 'a_b_c_key'],
    ['ALTER TABLE a ADD PRIMARY KEY (b)', 'a_pkey'],
    ['ALTER TABLE a ADD FOREIGN KEY (b, c) REFERENCES d', 'a_b_c_fkey'],
  ])('has the name that the server chooses: %s', async (sql, name) => {
    const names = await at([sql], ['SELECT 1'], ({ catalog }) =>
      [...catalog.tables.values()].flatMap(({ constraints }) => [...constraints.keys()]),
    )
    expect(names).toEqual([name])
  })

  test('has a number if its name is taken', async () => {
    const checks = Array.from({ length: 3 }, () => 'ALTER TABLE a ADD CHECK (b > 0)')
    const names = await at(checks, ['SELECT 1'], ({ catalog }) =>
      [...catalog.tables.values()].flatMap(({ constraints }) => [...constraints.keys()]),
    )
    expect(names).toEqual(['a_b_check', 'a_b_check1', 'a_b_check2'])
  })

  test('is dropped with any column that it mentions', async () => {
    const before = [
      'CREATE TABLE a (b int, c int)',
      'ALTER TABLE a ADD CHECK (b > c), ADD CHECK (b > 0)',
      'ALTER TABLE a DROP c',
    ]
    const names = await at(before, ['SELECT 1'], ({ catalog }) =>
      [...catalog.tables.values()].flatMap(({ constraints }) => [...constraints.keys()]),
    )
    expect(names).toEqual(['a_b_check'])
  })

  test('is known with the columns that it mentions, under their latest names', async () => {
    const before = ['ALTER TABLE a ADD b int', 'ALTER TABLE a ADD CHECK (b > length(c))', 'ALTER TABLE a RENAME b TO d']
    const mentions = await at(before, ['SELECT 1'], ({ catalog }) =>
      [...catalog.tables.values()].flatMap(({ constraints }) => [...constraints.values()].map((one) => one.mentions)),
    )
    expect(mentions).toEqual([['d', 'c']])
  })
})

describe('indexes that were dropped', () => {
  const create = 'CREATE INDEX ix ON a (b)'
  const dropped = ({ catalog }: PostgresSubject): readonly string[] =>
    catalog.droppedIndexes.map(({ name }) => name.text)

  test('are known until the end of the step', async () => {
    expect(await at([create], ['DROP INDEX ix', 'SELECT 1'], dropped)).toEqual(['ix'])
    expect(await at([create, 'DROP INDEX ix'], ['SELECT 1'], dropped)).toEqual([])
    expect(await at([], ['DROP INDEX ix', 'SELECT 1'], dropped)).toEqual([])
  })
})

describe('the cost of a command', () => {
  const table = `CREATE TYPE mood AS ENUM ('a'); CREATE TABLE a (b int, c varchar(9), d mood NOT NULL, at timestamp)`

  test.each([
    ['ADD x int DEFAULT 1 NOT NULL', undefined],
    ['ADD x int UNIQUE', 'scan'],
    ['ADD x serial', 'rewrite'],
    ['ADD CHECK (b > 0)', 'scan'],
    ['ADD CHECK (b > 0) NOT VALID', undefined],
    ['ADD UNIQUE USING INDEX ix', undefined],
    ['ADD EXCLUDE (b WITH =)', 'scan'],
    ['ALTER b SET NOT NULL', 'scan'],
    ['ALTER d SET NOT NULL', undefined],
    ['ALTER c TYPE text', undefined],
    ['ALTER b TYPE bigint', 'rewrite'],
    ['ALTER at TYPE timestamptz', 'rewrite'],
    ['ALTER unknown TYPE text', 'scan'],
    ['VALIDATE CONSTRAINT x', 'scan'],
    ['SET LOGGED', 'rewrite'],
    ['DROP b', undefined],
  ])('is known for %s', async (command, cost) => {
    const found = await at([table], [`ALTER TABLE a ${command}`], (subject) =>
      commandsIn(subject).map((one) => costOf(subject, one)),
    )
    expect(found).toEqual([cost])
  })

  test('of another type takes enums and the time zone into account', async () => {
    const change = (...statements: readonly string[]): Promise<unknown> =>
      at([table], statements, (subject) => commandsIn(subject).map((one) => changedType(subject, one)?.change)[0])
    expect(await change('ALTER TABLE a ALTER d TYPE text')).toBe('rewrite')
    expect(await change('ALTER TABLE a ALTER at TYPE timestamptz')).toBe('utc')
    expect(await change(`SET TimeZone TO 'UTC'`, 'ALTER TABLE a ALTER at TYPE timestamptz')).toBe('reindex')
    expect(await change('ALTER TABLE a ADD x int')).toBeUndefined()
  })
})

describe('a proof that a column is not null', () => {
  test.each([
    ['a column that is NOT NULL', ['CREATE TABLE a (b int NOT NULL)'], true],
    ['a valid check', ['ALTER TABLE a ADD CHECK (b IS NOT NULL)'], true],
    ['a check that is not valid', ['ALTER TABLE a ADD CHECK (b IS NOT NULL) NOT VALID'], false],
    ['a check with OR', ['ALTER TABLE a ADD CHECK (b IS NOT NULL OR c)'], false],
    ['a constraint that is not valid', ['CREATE TABLE a (b int)', 'ALTER TABLE a ADD NOT NULL b NOT VALID'], false],
    ['nothing', [], false],
  ])('is taken from %s', async (_, before, proved) => {
    const found = await at(before, ['ALTER TABLE a ALTER b SET NOT NULL'], ({ catalog }) => {
      const [table] = catalog.tables.values()
      return table !== undefined && isProvedNotNull(catalog, table.name, 'b')
    })
    expect(found).toBe(proved)
  })
})

describe('long work', () => {
  const before = ['CREATE TABLE a (id int PRIMARY KEY, code text, "at" date)', 'CREATE UNIQUE INDEX ON a (code)']

  test.each([
    [`UPDATE a SET code = ''`, 'updating a'],
    [`UPDATE a SET code = '' WHERE at = '2020-01-01'`, 'updating a'],
    ['UPDATE a SET at = NULL WHERE id > 5', 'updating a'],
    ['UPDATE a SET at = NULL WHERE id = length(code)', 'updating a'],
    ['INSERT INTO b SELECT * FROM a', 'copying rows of a'],
  ])('is %s', async (sql, words) => {
    expect((await at(before, [sql], longWork))?.words).toBe(words)
  })

  test.each([
    ['UPDATE a SET at = NULL WHERE id = 5'],
    [`DELETE FROM a WHERE a.code = 'x'`],
    ['INSERT INTO a SELECT 1'],
    ['CREATE INDEX CONCURRENTLY ix ON a (at)'],
    ['SELECT * FROM a'],
  ])('is not %s', async (sql) => {
    expect(await at(before, [sql], longWork)).toBeUndefined()
  })
})
