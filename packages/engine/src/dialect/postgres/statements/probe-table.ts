import type { Queryable } from '../../queryable'
import type { StatementReader, WrittenName } from '../../../sql/reader'
import type { Probe } from '../../roles/statements'
import { quoteName } from '../names'
import { doneWhen, exists, oneOfTwo } from './catalog'

/** Keywords after ADD that start a constraint without a name. */
const constraints = ['PRIMARY', 'UNIQUE', 'CHECK', 'FOREIGN', 'EXCLUDE', 'NOT']

/** Probes the first action of ALTER TABLE, INDEX, VIEW or SEQUENCE; its other actions have the same outcome. */
export async function probeTable(database: Queryable, reader: StatementReader, table: WrittenName): Promise<Probe> {
  const action = reader.oneOf('ADD', 'DROP', 'RENAME', 'ALTER', 'DETACH PARTITION', 'ATTACH PARTITION')
  switch (action) {
    case 'ADD':
      return probeAdd(database, reader, table)
    case 'DROP':
      return probeDropped(database, reader, table)
    case 'RENAME':
      return probeRename(database, reader, table)
    case 'ALTER':
      return probeColumn(reader)
    case 'DETACH PARTITION':
    case 'ATTACH PARTITION': {
      const partition = reader.name()
      if (partition === undefined) return 'unknown'
      const isPartition = (await exists.partition(database, table, partition)) !== 'none'
      return doneWhen(isPartition === (action === 'ATTACH PARTITION'))
    }
    case undefined:
      return repeatable.has(reader.word) ? 'not done' : 'unknown'
  }
}

/** `VALIDATE CONSTRAINT`, `ENABLE ROW LEVEL SECURITY`, `OWNER TO`, `SET (…)` … */
const repeatable = new Set(['VALIDATE', 'ENABLE', 'DISABLE', 'FORCE', 'OWNER', 'SET', 'RESET', 'REPLICA', 'CLUSTER'])

async function probeAdd(database: Queryable, reader: StatementReader, table: WrittenName): Promise<Probe> {
  if (reader.accept('CONSTRAINT')) {
    const constraint = reader.name()
    return constraint === undefined ? 'unknown' : doneWhen(await exists.constraint(database, table, constraint.name))
  }
  if (constraints.includes(reader.word)) return 'unknown'
  reader.accept('COLUMN')
  reader.accept('IF', 'NOT', 'EXISTS')
  const column = reader.name()
  return column === undefined ? 'unknown' : doneWhen(await exists.column(database, table, column.name))
}

async function probeDropped(database: Queryable, reader: StatementReader, table: WrittenName): Promise<Probe> {
  const constraint = reader.accept('CONSTRAINT')
  if (!constraint) reader.accept('COLUMN')
  if (reader.accept('IF', 'EXISTS')) return 'not done'
  const name = reader.name()
  if (name === undefined) return 'unknown'
  const ask = constraint ? exists.constraint : exists.column
  return doneWhen(!(await ask(database, table, name.name)))
}

async function probeRename(database: Queryable, reader: StatementReader, table: WrittenName): Promise<Probe> {
  if (reader.accept('TO')) {
    const to = reader.name()
    if (to === undefined) return 'unknown'
    const moved = { ...table, name: to.name }
    return oneOfTwo(
      await exists.relation(database, quoteName(table)),
      await exists.relation(database, quoteName(moved)),
    )
  }
  const constraint = reader.accept('CONSTRAINT')
  if (!constraint) reader.accept('COLUMN')
  const from = reader.name()
  const to = reader.accept('TO') ? reader.name() : undefined
  if (from === undefined || to === undefined) return 'unknown'
  const ask = constraint ? exists.constraint : exists.column
  return oneOfTwo(await ask(database, table, from.name), await ask(database, table, to.name))
}

/** Repeating SET or DROP changes nothing; only the expression of USING would be applied twice. */
function probeColumn(reader: StatementReader): Probe {
  reader.accept('COLUMN')
  if (reader.name() === undefined) return 'unknown'
  if (reader.oneOf('TYPE', 'SET DATA TYPE') !== undefined) return reader.skipTo('USING') ? 'unknown' : 'not done'
  if (reader.oneOf('DROP IDENTITY', 'DROP EXPRESSION', 'ADD') !== undefined) return 'unknown'
  return ['SET', 'DROP', 'RESET'].includes(reader.word) ? 'not done' : 'unknown'
}
