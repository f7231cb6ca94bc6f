import { loadDialect, type DialectName } from '../../../../src/dialect/registry'
import { unknownStatement } from '../../../../src/lint/rules/hygiene/unknown-statement'
import { lossRules } from '../../../../src/lint/rules/loss'
import { lint } from '../../support'

const before: Readonly<Record<DialectName, readonly string[]>> = {
  postgres: [
    `CREATE TYPE mood AS ENUM ('sad', 'glad')`,
    'CREATE TABLE a (id bigint PRIMARY KEY, x text, y int, m mood, g int GENERATED ALWAYS AS (id * 2) STORED)',
    'CREATE TABLE b (id bigint PRIMARY KEY, a bigint REFERENCES a (id) ON DELETE CASCADE)',
    'CREATE SCHEMA s',
    'CREATE TABLE s.c (id int)',
  ],
  sqlite: [
    'CREATE TABLE a (id integer PRIMARY KEY, x text, y int, m varchar)',
    'CREATE TABLE b (id integer PRIMARY KEY, a integer REFERENCES a (id) ON DELETE CASCADE)',
  ],
}

/** What the rules of this category and those about unknown statements find in a revision. */
async function found(dialect: DialectName, up: readonly string[]): Promise<readonly string[]> {
  const all = await Promise.all(
    [...lossRules, unknownStatement].map((rule) => lint(dialect, rule, [{ up: before[dialect] }, { up }])),
  )
  return all.flat().map(({ message }) => message)
}

async function destroyed(dialect: DialectName, up: readonly string[]): Promise<readonly string[]> {
  const reader = await loadDialect(dialect).sql.readEffects()
  return up.flatMap((sql) => reader.read(sql).destroys.map(({ text }) => text))
}

const rebuild = (columns: string, values: string): string[] => [
  'CREATE TABLE n (id integer PRIMARY KEY, x text, y int, m varchar)',
  `INSERT INTO n (${columns}) SELECT ${values} FROM a`,
  'DROP TABLE a',
  'ALTER TABLE n RENAME TO a',
]

describe('what a statement destroys, some rule reports', () => {
  test.each<[DialectName, string[]]>([
    ['postgres', ['DROP TABLE a CASCADE']],
    ['postgres', ['DROP TABLE IF EXISTS s.c, unknown']],
    ['postgres', ['ALTER TABLE a DROP COLUMN x, DROP y']],
    ['postgres', ['ALTER TABLE unknown ALTER x TYPE int USING x::int']],
    ['postgres', ['ALTER TABLE a ALTER id TYPE int']],
    ['postgres', ['ALTER TABLE a RENAME TO n', 'ALTER TABLE n DROP COLUMN x', 'DROP TABLE n']],
    ['postgres', ['TRUNCATE a CASCADE', 'TRUNCATE b']],
    ['postgres', ['DELETE FROM a']],
    ['postgres', [`UPDATE a SET x = 'y', y = 5`]],
    ['postgres', ['DROP SCHEMA s CASCADE']],
    ['postgres', ['DROP TYPE mood CASCADE']],
    ['postgres', ['DROP EXTENSION postgis']],
    ['postgres', ['DROP OWNED BY somebody']],
    ['postgres', ['DO $$ BEGIN DELETE FROM a; END $$']],
    ['postgres', ['SELECT app.cleanup()']],
    ['sqlite', ['DROP TABLE a']],
    ['sqlite', ['DROP TABLE IF EXISTS unknown']],
    ['sqlite', ['ALTER TABLE a DROP COLUMN x']],
    ['sqlite', ['DELETE FROM a']],
    ['sqlite', [`UPDATE a SET x = 'y'`]],
    ['sqlite', rebuild('id, x, y', 'id, x, y')],
    ['sqlite', rebuild('id, x, y, m', `id, x, y, CASE m WHEN 'sad' THEN 'glad' ELSE m END`)],
    ['sqlite', rebuild('id, x', 'id, x').concat('DELETE FROM a')],
    ['sqlite', ['SELECT cleanup()']],
  ])('on %s: %j', async (dialect, up) => {
    expect(await destroyed(dialect, up)).not.toEqual([])
    expect(await found(dialect, up)).not.toEqual([])
  })

  test.each<[DialectName, string[]]>([
    ['postgres', ['DELETE FROM a WHERE id = 5']],
    ['postgres', [`UPDATE a SET x = 'y' WHERE id = 5`]],
    ['sqlite', ['DELETE FROM a WHERE id = 5']],
    ['sqlite', [`INSERT OR REPLACE INTO a (id) VALUES (5)`]],
  ])('but not for rows that a statement chooses, on %s: %j', async (dialect, up) => {
    expect(await destroyed(dialect, up)).not.toEqual([])
    expect(await found(dialect, up)).toEqual([])
  })
})
