import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { DataSource } from 'typeorm'

import { testRuns } from '../../../../tools/testing/runs.cjs'
import { Migrator } from '../../src/migrator'
import { describeOperation } from '../../src/operations'
import { compare } from '../../src/difference/compare'
import type { Schema } from '../../src/schema/schema'
import { dialectNames, openDatabase, optionsOf, type TestDatabase } from '../run/databases'
import { ignoreTables } from '../support/ignore-tables'
import { randomOf, serverIsDone, TestProcess } from './process'

/** Number of kills; `npm run faults` sets more. */
const kills = testRuns(1)
const seed = Number(process.env['ALUDEL_SEED'] ?? 20261127) || 20261127

/** Statements of one revision, up and down. */
type Body = readonly [up: readonly string[], down: readonly string[]]

/** Tables, rows, columns, indexes, and a table that is rebuilt as SQLite requires. */
function bodies(): readonly Body[] {
  const table = (name: string): Body => [
    [
      `CREATE TABLE "${name}" ("id" integer NOT NULL, "n" integer, CONSTRAINT "${name}_pkey" PRIMARY KEY ("id"))`,
      `CREATE INDEX "ix_${name}" ON "${name}" ("n")`,
      `INSERT INTO "${name}" ("id", "n") VALUES (1, 10), (2, 20)`,
    ],
    [`DROP TABLE "${name}"`],
  ]
  const remake = (name: string, key: string, columns: string, values: string): readonly string[] => [
    `CREATE TABLE "${name}" ("id" integer NOT NULL, ${columns}, CONSTRAINT "${key}" PRIMARY KEY ("id"))`,
    `INSERT INTO "${name}" SELECT "id", ${values} FROM "a"`,
    'DROP TABLE "a"',
    `ALTER TABLE "${name}" RENAME TO "a"`,
    'CREATE INDEX "ix_a" ON "a" ("n")',
  ]
  // The key keeps the name that it was created with; the downgrade restores the old one.
  const remade: Body = [
    remake('new_a', 'new_a_pkey', '"n" integer, "m" integer', '"n", "n" + 1'),
    remake('old_a', 'a_pkey', '"n" integer', '"n"'),
  ]
  const column: Body = [
    ['ALTER TABLE "b" ADD COLUMN "x" integer', 'UPDATE "b" SET "x" = "n" * 2', 'CREATE INDEX "ix_b_x" ON "b" ("x")'],
    ['DROP INDEX "ix_b_x"', 'ALTER TABLE "b" DROP COLUMN "x"'],
  ]
  const view: Body = [
    ['CREATE VIEW "v" AS SELECT "id", "x" FROM "b"', 'UPDATE "a" SET "n" = "n" + 1'],
    ['UPDATE "a" SET "n" = "n" - 1', 'DROP VIEW "v"'],
  ]
  return [table('a'), table('b'), remade, column, table('c'), view, table('d')]
}

/** State of a database with a given number of revisions. */
interface Stage {
  readonly schema: Schema
  readonly rows: string
}

describe.each(dialectNames)('migration that is killed, on %s', (dialect) => {
  let database: TestDatabase
  let revisions: string
  let stages: readonly Stage[]

  beforeAll(async () => {
    revisions = await mkdtemp(path.join(tmpdir(), 'aludel-killed-'))
    for (const [index, body] of bodies().entries()) await writeRevision(index, body)
    stages = await readStages()
  })
  afterAll(() => rm(revisions, { recursive: true, force: true }))
  beforeEach(async () => {
    database = await openDatabase(dialect)
  })
  afterEach(() => database.drop())

  const idOf = (index: number): string => `aa0${String(index)}`

  async function writeRevision(index: number, [up, down]: Body): Promise<void> {
    const name = `Step${String(1_800_000_000_000 + index)}`
    const code = (statements: readonly string[]): string =>
      statements.map((sql) => `await queryRunner.query(${JSON.stringify(sql)})`).join('\n    ')
    await writeFile(
      path.join(revisions, `${String(1_800_000_000_000 + index)}-step.cjs`),
      `class ${name} {
  static revision = '${idOf(index)}'
  static downRevision = ${index === 0 ? 'null' : `'${idOf(index - 1)}'`}
  async up(queryRunner) {
    ${code(up)}
  }
  async down(queryRunner) {
    ${code(down)}
  }
}
module.exports = { ${name} }
`,
    )
  }

  const migratorOn = (one: TestDatabase): Migrator =>
    new Migrator({
      dataSource: new DataSource(optionsOf(dialect, one.address)),
      revisions,
      root: revisions,
      cacheDirectory: null,
    })

  async function readStages(): Promise<readonly Stage[]> {
    const reference = await openDatabase(dialect)
    const migrator = migratorOn(reference)
    const found = [await stageOf(reference)]
    for (const [index] of bodies().entries()) {
      await migrator.upgrade(idOf(index), { backup: 'never' })
      found.push(await stageOf(reference))
    }
    await migrator.close()
    await reference.drop()
    return found
  }

  async function stageOf({ dialect: own, dataSource, rows }: TestDatabase): Promise<Stage> {
    const schema = await own.introspection.read(dataSource, { ignoreTables })
    const all = await Promise.all(
      schema.tables.map(async ({ name }) => [name, await rows(`SELECT * FROM "${name}" ORDER BY "id"`)]),
    )
    return { schema, rows: JSON.stringify(all.sort()) }
  }

  /** Expects schema and rows to match the history, and returns the number of applied revisions. */
  async function expectWhole(): Promise<number> {
    const migrator = migratorOn(database)
    const { current, unknown } = await migrator.current()
    await migrator.close()
    expect(unknown).toEqual([])
    const applied = current[0] === undefined ? 0 : Number(current[0].slice(3)) + 1
    const expected = stages[applied]
    const found = await stageOf(database)
    expect(compare(found.schema, expected?.schema ?? found.schema).map(describeOperation)).toEqual([])
    expect(found.rows).toBe(expected?.rows)
    return applied
  }

  test('leaves exactly what the history records after every kill', async () => {
    const random = randomOf(seed)
    const { length } = bodies()
    let applied = 0
    let killed = 0
    while (killed < kills) {
      const up = applied === 0 || (applied < length && random(3) > 0)
      const target = up ? idOf(applied + random(length - applied)) : random(2) === 0 ? 'base' : '-1'
      // At a statement, or at any moment: while it connects, waits, commits.
      const atStatement = random(3) > 0
      const statement = atStatement ? 1 + random(up ? 12 : 6) : 0
      const child = new TestProcess('killed-process.ts', [
        dialect,
        database.address,
        revisions,
        up ? 'upgrade' : 'downgrade',
        target,
        String(statement),
      ])
      if (!atStatement) {
        await child.firstOutput()
        await delay(random(30))
        child.kill()
      }
      const { code, signal, errors } = await child.ended
      expect({ code: signal === null ? code : null, errors }).toEqual({ code: signal === null ? 0 : null, errors: '' })
      if (signal === 'SIGKILL') killed++
      await serverIsDone(database)
      applied = await expectWhole()
    }
    const migrator = migratorOn(database)
    await migrator.upgrade('head', { backup: 'never' })
    await migrator.close()
    expect(await expectWhole()).toBe(length)
  })
})
