import { longName } from '../../../../src/lint/rules/hygiene/long-name'
import { lint } from '../../support'

const name = 'a'.repeat(70)
const short = 'a'.repeat(63)
const statement = `CREATE INDEX "${name}" ON "users" ("id")`

describe('long-name', () => {
  test('finds a name that the server cuts', async () => {
    expect(await lint('postgres', longName, [{ up: [statement] }])).toEqual([
      {
        direction: 'up',
        severity: 'error',
        message: `${name} has 70 bytes: PostgreSQL cuts it to ${short}`,
        help: 'Choose a name of at most 63 bytes, in the entity, too.',
        sql: statement,
      },
    ])
  })

  test.each([
    ['a table', `CREATE TABLE ${name} (id integer)`],
    ['a column', `CREATE TABLE t ("${name}" integer)`],
    ['a new column', `ALTER TABLE t ADD COLUMN "${name}" integer`],
    ['a constraint', `ALTER TABLE t DROP a, ADD CONSTRAINT "${name}" UNIQUE (b)`],
    ['a new name', `ALTER TABLE t RENAME TO "${name}"`],
    ['a type', `CREATE TYPE app."${name}" AS ENUM ('x')`],
    ['a view', `CREATE VIEW "${name}" AS SELECT 1`],
    ['a schema', `CREATE SCHEMA "${name}"`],
    ['a function', `CREATE FUNCTION "${name}"() RETURNS integer AS 'SELECT 1' LANGUAGE sql`],
    ['a trigger', `CREATE TRIGGER "${name}" BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()`],
    ['a sequence', `CREATE SEQUENCE "${name}"`],
  ])('knows the name of %s', async (_, sql) => {
    expect(await lint('postgres', longName, [{ up: [sql] }])).toHaveLength(1)
  })

  test('counts bytes, folds letters without quotes, and cuts no character in two', async () => {
    const [umlaut, ...others] = await lint('postgres', longName, [
      { up: [`CREATE TABLE "a${'ä'.repeat(32)}" (id integer)`] },
    ])
    expect(umlaut?.message).toBe(`a${'ä'.repeat(32)} has 65 bytes: PostgreSQL cuts it to a${'ä'.repeat(31)}`)
    expect(others).toEqual([])
    expect(await lint('postgres', longName, [{ up: [`CREATE TABLE ${'A'.repeat(64)} (id integer)`] }])).toHaveLength(1)
  })

  test.each([
    ['a name of 63 bytes', { up: [`CREATE TABLE ${short} (id integer)`] }],
    ['a long text', { up: [`CREATE TABLE t (a text DEFAULT '${name}')`] }],
    ['a long comment', { up: [`CREATE TABLE t (a text) -- ${name}`] }],
    ['a name that is only used', { up: [`DROP INDEX "${name}"`, `ALTER TABLE t DROP CONSTRAINT "${name}"`] }],
    ['a name that is given up', { up: [`ALTER TABLE t RENAME COLUMN "${name}" TO a`] }],
    ['an alias of a query', { up: [`SELECT 1 AS "${name}"`, `UPDATE t AS "${name}" SET a = 1`] }],
    ['a downgrade, which gives back what had the name', { down: [statement] }],
  ])('finds nothing in %s', async (_, revision) => {
    expect(await lint('postgres', longName, [revision])).toEqual([])
  })
})
