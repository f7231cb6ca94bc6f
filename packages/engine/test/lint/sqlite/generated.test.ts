import { renderBothWays } from '../../../src/dialect/sqlite/render'
import { rules } from '../../../src/lint/rules'
import { applyOperations, type Operation, reverseOperations } from '../../../src/operations'
import type { Column, Schema, Table } from '../../../src/schema/schema'
import { Databases, everythingSql, schemaOf } from '../../dialect/sqlite/support'
import { lint } from '../support'

/** `authors` with every kind of dependent, so that a rebuild must set its rows aside. */
const library = [
  'CREATE TABLE "publishers" ("id" integer PRIMARY KEY, "name" text)',
  `CREATE TABLE "authors" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "name" varchar(50) NOT NULL, "note" text,
     "age" integer DEFAULT 1, "mentor" integer REFERENCES "authors" ("id") ON DELETE CASCADE, "publisher" integer,
     "initial" text GENERATED ALWAYS AS (substr("name", 1, 1)) STORED, CONSTRAINT "CHK_age" CHECK ("age" > 0),
     CONSTRAINT "UQ_name" UNIQUE ("name"),
     CONSTRAINT "FK_publisher" FOREIGN KEY ("publisher") REFERENCES "publishers" ("id") ON DELETE SET NULL)`,
  'CREATE UNIQUE INDEX "ix_partial" ON "authors" ("name" DESC) WHERE "note" IS NOT NULL',
  'CREATE INDEX "ix_expression" ON "authors" (lower("note"), "age")',
  'CREATE TABLE "books" ("id" integer PRIMARY KEY, "author" integer NOT NULL REFERENCES "authors" ("id") ON DELETE CASCADE)',
  'CREATE TABLE "letters" ("id" integer PRIMARY KEY, "author" integer REFERENCES "authors" ON DELETE SET NULL)',
  'CREATE VIEW "names" AS SELECT "id", "name" FROM "authors"',
  'CREATE TRIGGER "author_added" AFTER INSERT ON "authors" BEGIN UPDATE "publishers" SET "name" = new."name" WHERE "id" = 1; END',
  'CREATE TRIGGER "book_added" AFTER INSERT ON "books" BEGIN UPDATE "authors" SET "age" = "age" + 1 WHERE "id" = new."author"; END',
]

const databases = new Databases()
afterAll(() => databases.dispose())

const authors = { name: 'authors' }

function tableIn(schema: Schema, name: string): Table {
  const found = schema.tables.find((table) => table.name === name)
  if (found === undefined) throw new Error(`no table ${name}`)
  return found
}

function alter(schema: Schema, name: string, more: Partial<Column>): Operation {
  const from = tableIn(schema, 'authors').columns.find((column) => column.name === name)
  if (from === undefined) throw new Error(`no column ${name}`)
  return { op: 'alterColumn', table: authors, from, to: { ...from, ...more } }
}

type Change = (schema: Schema) => readonly Operation[]

const changes: Readonly<Record<string, Change>> = {
  'changes a length': (schema) => [alter(schema, 'name', { type: 'varchar(100)' })],
  'changes a type': (schema) => [alter(schema, 'age', { type: 'bigint' })],
  'changes a default': (schema) => [alter(schema, 'age', { default: '5' })],
  'adds a column with a computed default': () => [
    {
      op: 'addColumn',
      table: authors,
      column: { name: 'extra', type: 'datetime', nullable: false, default: "datetime('now')" },
    },
  ],
  'adds a unique constraint': () => [{ op: 'addUnique', table: authors, unique: { columns: ['id', 'name'] } }],
  'adds a check': () => [{ op: 'addCheck', table: authors, check: { name: 'CHK_new', expression: `"name" <> ''` } }],
  'replaces a check': (schema) => [
    ...tableIn(schema, 'authors').checks.map((check): Operation => ({ op: 'dropCheck', table: authors, check })),
    { op: 'addCheck', table: authors, check: { name: 'CHK_age', expression: '"age" > -1' } },
  ],
  'adds a foreign key to itself': () => [
    {
      op: 'addForeignKey',
      table: authors,
      foreignKey: {
        columns: ['publisher'],
        references: { name: 'authors', columns: ['id'] },
        onDelete: 'CASCADE',
        onUpdate: 'NO ACTION',
      },
    },
  ],
  'rebuilds a table that only references others': (schema) => {
    const [column] = tableIn(schema, 'books').columns
    return column === undefined
      ? []
      : [{ op: 'alterColumn', table: { name: 'books' }, from: column, to: { ...column, type: 'bigint' } }]
  },
}

describe('the rebuilds that the tool writes', () => {
  test.each(Object.keys(changes))('cause no finding, up and down: %s', async (name) => {
    const from = await schemaOf(await databases.with(...library))
    const operations = changes[name]?.(from) ?? []
    const to = applyOperations(operations, from)
    const { up, down } = renderBothWays(operations, reverseOperations(operations), from, to)
    expect(up.map(({ sql }) => sql).join('\n')).toMatch(/DROP TABLE "/)
    const revision = { up: up.map(({ sql }) => sql), down: down.map(({ sql }) => sql) }
    for (const rule of rules.filter(({ sqlite }) => sqlite !== undefined))
      expect([rule.name, await lint('sqlite', rule, [{ up: everythingSql(from) }, revision])]).toEqual([rule.name, []])
  })
})
