import type { SchemaDocument, TableDocument } from '@aludel/engine'
import { createColors } from 'picocolors'

import { schemaLines } from '../../src/output/schema'
import { displayWidth } from '../../src/output/table'

const plain = createColors(false)
const table = (name: string, more: Partial<TableDocument> = {}): TableDocument => ({
  ...{ name, columns: [], primaryKey: null, foreignKeys: [], uniques: [], checks: [], indexes: [] },
  ...more,
})
const document = (...tables: readonly TableDocument[]): SchemaDocument => ({
  ...{ at: 'live', dialect: 'postgres', tables, enums: [], views: [], sequences: [] },
})
const integer = (name: string) => ({ name, type: 'integer', nullable: true })

describe('schemaLines', () => {
  test('prints columns in columns, then keys, checks, indexes and triggers', () => {
    const users = table('users', {
      comment: 'who may\nlog in',
      rows: 1,
      bytes: 2048,
      columns: [
        { name: 'id', type: 'integer', nullable: false, identity: 'always' },
        { name: 'name', type: 'text', nullable: false, default: `'x'`, comment: 'shown' },
        { name: 'upper', type: 'text', nullable: true, generated: 'upper(name)' },
        integer('team_id'),
      ],
      primaryKey: { name: 'pk', columns: ['id'] },
      uniques: [
        { name: null, columns: ['name'] },
        { name: 'uq', columns: ['id', 'name'] },
      ],
      foreignKeys: [
        {
          ...{ name: 'fk', columns: ['team_id'], table: 'teams', references: ['id'] },
          ...{ onDelete: 'SET NULL', onUpdate: 'CASCADE' },
        },
      ],
      checks: [{ name: 'ck', expression: 'id > 0' }],
      exclusions: [{ name: 'ex', definition: 'USING gist (at WITH &&)' }],
      indexes: [
        { name: 'ix', columns: ['name DESC'], unique: false, where: 'id > 5', method: 'gin' },
        { name: 'ux', columns: ['lower(name)'], unique: true },
      ],
      triggers: [{ name: 'tr', sql: 'CREATE TRIGGER …' }],
      partitionBy: 'RANGE (id)',
    })
    expect(schemaLines(document(users, table('teams', { rows: null, bytes: null })), plain, null)).toEqual([
      'users  ~1 row, 2.0 KiB',
      '  who may log in',
      '  id       integer  not null  identity always',
      `  name     text     not null  default 'x' -- shown`,
      '  upper    text               generated upper(name)',
      '  team_id  integer',
      '  primary key (id)',
      '  unique (name)',
      '  unique uq (id, name)',
      '  foreign key fk (team_id) references teams (id) on delete set null on update cascade',
      '  check ck (id > 0)',
      '  exclude ex USING gist (at WITH &&)',
      '  index ix using gin (name DESC) where id > 5',
      '  unique index ux (lower(name))',
      '  trigger tr',
      '  partition by RANGE (id)',
      '',
      'teams',
    ])
  })

  test('prints views, types and sequences after the tables', () => {
    const lines = schemaLines(
      {
        ...document(),
        views: [
          { name: 'v', sql: 'SELECT 1', materialized: false },
          { name: 'm', sql: 'SELECT 1', materialized: true },
        ],
        enums: [{ name: 'mood', values: ['glad', 'sad'] }],
        sequences: [{ name: 'numbers' }],
      },
      plain,
      null,
    )
    expect(lines).toEqual(['view v', 'materialized view m', 'enum mood: glad, sad', 'sequence numbers'])
    expect(schemaLines(document(), plain, null)).toEqual([])
  })

  test('cuts defaults to the terminal, and puts long names on a line of their own', () => {
    const long = 'n'.repeat(70)
    const columns = [
      { name: 'id', type: 'integer', nullable: false, default: 'd'.repeat(200) },
      integer(long),
      { name: '日本語', type: 'text', nullable: true },
    ]
    expect(schemaLines(document(table('t', { columns })), plain, 80)).toEqual([
      't',
      `  id      integer  not null  default ${'d'.repeat(42)}…`,
      `  ${long}`,
      '          integer',
      '  日本語  text',
    ])
    expect(schemaLines(document(table('t', { columns })), plain, null)[1]).toContain('d'.repeat(200))
    for (const line of schemaLines(document(table('t', { columns })), plain, 80))
      expect(displayWidth(line)).toBeLessThanOrEqual(80)
  })

  test('prints control characters as codes', () => {
    const name = 'a\u001b[2J\u202eb\r\nc'
    const hostile = table(name, {
      columns: [integer(name)],
      indexes: [{ name, columns: [name], unique: false }],
      comment: name,
    })
    const lines = schemaLines(
      { ...document(hostile), enums: [{ name, values: [name] }], views: [{ name, sql: '', materialized: false }] },
      plain,
      null,
    )
    expect(lines).toContain(String.raw`a\u001b[2J\u202eb c`)
    // eslint-disable-next-line no-control-regex -- none may be left
    expect(lines.filter((line) => /[\u0000-\u001f\u202e]/.test(line))).toEqual([])
  })
})
