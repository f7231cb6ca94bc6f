import type { Queryable } from '../../queryable'
import { StatementReader, type WrittenName } from '../../../sql/reader'
import type { Probe } from '../../roles/statements'
import { quote } from '../quote'

/** Statements that may be executed twice. */
const repeatable = new Set(['VACUUM', 'ANALYZE', 'REINDEX', 'PRAGMA', 'ATTACH', 'DETACH'])

/** Whether a statement took effect, by `sqlite_master` and `pragma_table_info`; see `StatementRole.probe`. */
export async function probe(database: Queryable, sql: string): Promise<Probe> {
  const reader = new StatementReader(sql, 'sqlite')
  switch (reader.oneOf('CREATE', 'DROP', 'ALTER TABLE')) {
    case 'CREATE': {
      if (reader.oneOf('TEMP', 'TEMPORARY') !== undefined) return 'not done'
      reader.accept('UNIQUE')
      const kind = reader.oneOf('TABLE', 'INDEX', 'VIEW', 'TRIGGER')
      if (kind === undefined) return 'unknown'
      if (reader.accept('IF', 'NOT', 'EXISTS')) return 'not done'
      const name = reader.name()
      return name === undefined ? 'unknown' : doneWhen(await exists(database, name))
    }
    case 'DROP': {
      const kind = reader.oneOf('TABLE', 'INDEX', 'VIEW', 'TRIGGER')
      if (kind === undefined) return 'unknown'
      if (reader.accept('IF', 'EXISTS')) return 'not done'
      const name = reader.name()
      return name === undefined ? 'unknown' : doneWhen(!(await exists(database, name)))
    }
    case 'ALTER TABLE':
      return probeAlter(database, reader)
    case undefined:
      return repeatable.has(reader.word) ? 'not done' : 'unknown'
  }
}

async function probeAlter(database: Queryable, reader: StatementReader): Promise<Probe> {
  const table = reader.name()
  const action = reader.oneOf('ADD', 'DROP', 'RENAME TO', 'RENAME')
  if (action !== 'RENAME TO') reader.accept('COLUMN')
  const name = reader.name()
  if (table === undefined || name === undefined) return 'unknown'
  switch (action) {
    case 'ADD':
      return doneWhen(await hasColumn(database, table, name))
    case 'DROP':
      return doneWhen(!(await hasColumn(database, table, name)))
    case 'RENAME TO':
      return oneOfTwo(await exists(database, table), await exists(database, { ...table, name: name.name }))
    case 'RENAME': {
      const to = reader.accept('TO') ? reader.name() : undefined
      if (to === undefined) return 'unknown'
      return oneOfTwo(await hasColumn(database, table, name), await hasColumn(database, table, to))
    }
    case undefined:
      return 'unknown'
  }
}

function doneWhen(condition: boolean): Probe {
  return condition ? 'done' : 'not done'
}

function oneOfTwo(before: boolean, after: boolean): Probe {
  if (before === after) return 'unknown'
  return after ? 'done' : 'not done'
}

async function exists(database: Queryable, { schema = 'main', name }: WrittenName): Promise<boolean> {
  const rows = await database.query(`SELECT 1 FROM ${quote(schema)}.sqlite_master WHERE name = ? COLLATE NOCASE`, [
    name,
  ])
  return (rows as unknown[]).length > 0
}

async function hasColumn(database: Queryable, table: WrittenName, column: WrittenName): Promise<boolean> {
  const rows = await database.query('SELECT 1 FROM pragma_table_xinfo(?, ?) WHERE name = ? COLLATE NOCASE', [
    table.name,
    table.schema ?? 'main',
    column.name,
  ])
  return (rows as unknown[]).length > 0
}
