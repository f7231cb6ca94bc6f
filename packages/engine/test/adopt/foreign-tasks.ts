// cspell:ignore taskstate
import { EntitySchema } from 'typeorm'

import type { DialectName } from '../../src/dialect/registry'

type Options = ConstructorParameters<typeof EntitySchema>[0]

export const states = ['open', 'in_progress', 'done']

export function taskColumns(dialect: DialectName): Options['columns'] {
  return {
    id: { type: 'int', primary: true },
    title: { type: 'varchar', length: 50 },
    state: { type: 'simple-enum', enum: states, default: 'open' },
    points: { type: 'int', default: 1 },
    done: { type: 'boolean', default: false },
    details: { type: 'simple-json', nullable: true },
    at: { type: dialect === 'sqlite' ? 'datetime' : 'timestamptz' },
  }
}

/** Tasks as a project declares them. Also for processes of tests, which have no jest. */
export function tasks(dialect: DialectName, more: Partial<Options> = {}): EntitySchema {
  return new EntitySchema({ name: 'tasks', tableName: 'tasks', columns: taskColumns(dialect), ...more })
}

/** Tasks as another program has made them, with four rows; other columns by name. */
export function foreignTasks(dialect: DialectName, columns: Readonly<Record<string, string>> = {}): readonly string[] {
  const own =
    dialect === 'sqlite'
      ? { state: 'VARCHAR(11) NOT NULL', at: 'DATETIME NOT NULL' }
      : { state: 'taskstate NOT NULL', at: 'TIMESTAMP NOT NULL' }
  const all = {
    id: 'INTEGER NOT NULL',
    title: 'VARCHAR(80)',
    points: 'INTEGER',
    done: 'BOOLEAN',
    details: 'TEXT',
    ...own,
    ...columns,
  }
  const [yes, no] = dialect === 'sqlite' ? ['1', '0'] : ['true', 'false']
  return [
    ...(dialect === 'sqlite' || columns['state'] !== undefined
      ? []
      : [`CREATE TYPE taskstate AS ENUM ('OPEN', 'IN_PROGRESS', 'DONE')`]),
    `CREATE TABLE tasks (${Object.entries(all)
      .map(([name, type]) => `${name} ${type}`)
      .join(', ')}, PRIMARY KEY (id))`,
    'CREATE INDEX ix_tasks_title ON tasks (title)',
    `INSERT INTO tasks (id, title, state, points, done, details, at) VALUES
      (1, 'one', 'OPEN', NULL, ${yes}, '{"a": [1, null]}', '2026-11-21 19:31:42.303639'),
      (2, 'it''s "two"', 'IN_PROGRESS', 7, ${no}, NULL, '2026-11-21 19:31:42.303'),
      (3, 'naïve – 漢字', 'DONE', 0, NULL, 'null', '2026-11-21 19:31:42'),
      (4, 'four', 'DONE', NULL, NULL, '"text"', '1999-12-31 23:59:59.999999')`,
  ]
}

/** The rows of {@link foreignTasks} as a repository returns them. */
export const readTasks = [
  {
    id: 1,
    title: 'one',
    state: 'open',
    points: 1,
    done: true,
    details: { a: [1, null] },
    at: new Date('2026-11-21T19:31:42.303Z'),
  },
  {
    id: 2,
    title: `it's "two"`,
    state: 'in_progress',
    points: 7,
    done: false,
    details: null,
    at: new Date('2026-11-21T19:31:42.303Z'),
  },
  {
    id: 3,
    title: 'naïve – 漢字',
    state: 'done',
    points: 0,
    done: false,
    details: null,
    at: new Date('2026-11-21T19:31:42.000Z'),
  },
  {
    id: 4,
    title: 'four',
    state: 'done',
    points: 1,
    done: false,
    details: 'text',
    at: new Date('1999-12-31T23:59:59.999Z'),
  },
]
