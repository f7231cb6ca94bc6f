import type { Dialect } from '../../dialect/dialect'
import type { Queryable } from '../../dialect/queryable'
import { type Need, needFlag, needsOf, violationText } from '../../difference/needs'
import type { Operation } from '../../operations/operation'
import { quoteName } from '../../dialect/quote-name'
import type { AdoptObstacle } from '../../results'
import { displayName, findTable, type Schema, type Table } from '../../schema/schema'
import { plural } from '../../text'
import type { ColumnChange, TableChange } from './column-changes'
import type { EnumValues } from './enum-values'
import { firstKeys } from './row-counts'
import { ruleWords, violatedRules } from './rules'

/** Values that are shown of those that a conversion cannot take. */
const shownValues = 20

/** What rows have that a conversion would lose, change or not be able to store. Sends only queries. */
export async function rowObstacles(
  dialect: Dialect,
  database: Queryable,
  { live, operations, changes, enums }: RowQuestion,
): Promise<readonly AdoptObstacle[]> {
  const unknown = enums.filter((one) => one.unknown.length > 0 && !isAnswered(one, changes))
  const columns = changes.flatMap((change) => change.columns)
  const found: AdoptObstacle[] = unknown.map(unknownValues)
  for (const change of columns) {
    if (change.unreadable !== undefined) found.push(await unreadable(dialect, database, change))
    if (change.nulls > 0 && change.fill === undefined) found.push(await withoutValue(dialect, database, change))
    const failure = await failureOf(dialect, database, change)
    if (failure !== undefined) found.push(failure)
  }
  const reported = new Set(unknown.map(({ column }) => column.flag))
  const zoned = new Set(columns.filter(({ why }) => why === 'zone').map(({ column }) => column.flag))
  for (const need of needsOf(withoutZones(operations, zoned), live)) {
    // Counted above, and decided.
    if (need.kind === 'noNulls' || (need.kind === 'values' && reported.has(need.flag))) continue
    if (need.kind === 'zone') {
      if (!zoned.has(need.flag)) found.push(withoutZone(need))
      continue
    }
    const violation = await violationOf(dialect, database, live, need)
    if (violation !== undefined) found.push(violation)
  }
  found.push(...unrelatedTypes(dialect, operations))
  const objects = new Set(found.map(({ object }) => object))
  const rules = await violatedRules(dialect, database, live, operations, changes, (column) => objects.has(column))
  const violated = rules.map((rule): AdoptObstacle => ({
    kind: 'rule',
    object: displayName(rule.table),
    text: `${plural(rule.rows, 'row')} of ${displayName(rule.table)} ${rule.rows === 1 ? 'violates' : 'violate'} ${ruleWords(rule)}`,
    rows: rule.rows,
    examples: rule.keys,
    ways: ['change these rows'],
  }))
  return [...found, ...violated]
}

interface RowQuestion {
  readonly live: Schema
  readonly operations: readonly Operation[]
  readonly changes: readonly TableChange[]
  readonly enums: readonly EnumValues[]
}

function isAnswered({ column }: EnumValues, changes: readonly TableChange[]): boolean {
  return changes.some(({ columns }) => columns.some((change) => change.column === column && change.why === 'answer'))
}

function unknownValues({ column, wanted, unknown }: EnumValues): AdoptObstacle {
  const { flag } = column
  const total = unknown.reduce((sum, { rows }) => sum + rows, 0)
  const shown = unknown.slice(0, shownValues)
  const resembling = shown.filter(({ candidates }) => candidates.length > 0)
  return {
    kind: 'values',
    object: flag,
    text: `${plural(total, 'row')} of ${flag} ${total === 1 ? 'has' : 'have'} ${unknown.length === 1 ? 'a value that is' : 'values that are'} not one of ${wanted.join(', ')}`,
    rows: total,
    examples: [
      ...shown.map(({ value, rows }) => `${JSON.stringify(value)}: ${plural(rows, 'row')}`),
      ...(unknown.length > shown.length ? [`${String(unknown.length - shown.length)} more values`] : []),
      ...resembling.map(({ value, candidates }) => `${JSON.stringify(value)} resembles ${candidates.join(' and ')}`),
    ],
    ways: shown.map(
      ({ value }) =>
        `--map ${quoted(`${flag}.${value}=<${wanted.slice(0, 3).join('|')}${wanted.length > 3 ? '|…' : ''}>`)}`,
    ),
  }
}

/** As a shell reads it. */
function quoted(text: string): string {
  return `"${text.replaceAll(/["\\$`]/g, '\\$&')}"`
}

async function unreadable(dialect: Dialect, database: Queryable, change: ColumnChange): Promise<AdoptObstacle> {
  const { column } = change
  const { flag, table, to } = column
  const { unreadable: condition = '', expected = '', rows = 0, ways = [] } = change.unreadable ?? {}
  return {
    kind: 'unreadable',
    object: flag,
    text: `${plural(rows, 'row')} of ${flag} ${rows === 1 ? 'is' : 'are'} not ${expected}, which the entities could not read as ${to.type}`,
    rows,
    examples: await keysWhere(dialect, database, table, condition),
    ways:
      ways.length === 0
        ? [`--using "${flag}=<SQL expression>"`]
        : ways.map(({ using, words }) => `--using ${quoted(`${flag}=${using}`)}, if they are ${words}`),
  }
}

async function withoutValue(
  dialect: Dialect,
  database: Queryable,
  { column, nulls }: ColumnChange,
): Promise<AdoptObstacle> {
  const { flag, table, from } = column
  return {
    kind: 'nulls',
    object: flag,
    text: `${plural(nulls, 'row')} of ${displayName(table)} ${nulls === 1 ? 'has' : 'have'} NULL in ${from.name}, which becomes NOT NULL and has no default`,
    rows: nulls,
    examples: await keysWhere(dialect, database, table, `${dialect.sql.quote(from.name)} IS NULL`),
    ways: [`--backfill "${flag}=<SQL expression>"`],
  }
}

/** Computes all values that an expression of the user gives, so that it fails here and not in the middle of the conversion. */
async function failureOf(
  dialect: Dialect,
  database: Queryable,
  { column, using, why, rows, fill, fillGiven }: ColumnChange,
): Promise<AdoptObstacle | undefined> {
  const { flag, table } = column
  const given = why === 'answer' || why === 'zone' ? using : undefined
  const expressions = [
    ...(given === undefined ? [] : [given]),
    ...(fill === undefined || fillGiven !== true ? [] : [fill]),
  ]
  if (expressions.length === 0) return undefined
  const counts = expressions.map((sql) => `count((${sql}))`)
  try {
    await database.query(`SELECT ${counts.join(', ')} FROM ${quoteName(dialect, table)}`)
    return undefined
  } catch (error) {
    return {
      kind: 'type',
      object: flag,
      text: `the expression for ${flag} fails: ${dialect.errors.textOf(error)}`,
      rows,
      examples: expressions,
      ways: [`another ${given === undefined ? '--backfill' : '--using'} "${flag}=<SQL expression>"`],
    }
  }
}

/** A zone says which moment a time is, not that it fits: the new type may have fewer digits. */
function withoutZones(operations: readonly Operation[], zoned: ReadonlySet<string>): readonly Operation[] {
  return operations.map((operation) =>
    operation.op === 'alterColumn' && zoned.has(`${displayName(operation.table)}.${operation.to.name}`)
      ? { ...operation, values: { ...operation.values, using: undefined } }
      : operation,
  )
}

function withoutZone(need: Need): AdoptObstacle {
  const text = `${need.flag}, ${need.from?.type ?? ''} until now, is another ${need.to?.type ?? ''} in each time zone`
  return { kind: 'type', object: need.flag, text, rows: null, examples: [], ways: [needFlag(need)] }
}

async function violationOf(
  dialect: Dialect,
  database: Queryable,
  live: Schema,
  need: Need,
): Promise<AdoptObstacle | undefined> {
  const query = dialect.ddl.countViolations(need)
  const table = findTable(live, need.table)
  if (query === null || table === undefined) return undefined
  const rows = await countOf(dialect, database, query)
  if (rows === 0) return undefined
  if (typeof rows === 'string') {
    const text = `the values of ${need.flag} cannot be converted to ${need.to?.type ?? ''}: ${rows}`
    return { kind: 'type', object: need.flag, text, rows: null, examples: [], ways: [needFlag(need)] }
  }
  return {
    kind: need.kind === 'noRows' ? 'nulls' : need.kind === 'values' ? 'values' : 'type',
    object: need.flag,
    text: `${violationText(need)}: ${String(rows)}`,
    rows,
    examples: await firstKeys(dialect, database, table, query.slice(query.indexOf('FROM'))),
    ways: [needFlag(need)],
  }
}

/** The number, or the words of the database where a value cannot even be read as one of the new type: a text that is not JSON. */
async function countOf({ errors }: Dialect, database: Queryable, query: string): Promise<number | string> {
  try {
    const [row] = (await database.query(query)) as { readonly n: string | number }[]
    return Number(row?.n ?? 0)
  } catch (error) {
    return errors.textOf(error)
  }
}

/** Types between which no value has a meaning. */
function unrelatedTypes({ ddl }: Dialect, operations: readonly Operation[]): readonly AdoptObstacle[] {
  return operations.flatMap((operation): AdoptObstacle[] => {
    if (operation.op !== 'alterColumn' || operation.values?.using !== undefined) return []
    const { table, from, to } = operation
    if (ddl.converts(from, to)) return []
    const object = `${displayName(table)}.${to.name}`
    return [
      {
        kind: 'type',
        object,
        text: `no value of type ${from.type} has a meaning as ${to.type}: ${object}`,
        rows: null,
        examples: [],
        ways: [`--using "${object}=<SQL expression>"`],
      },
    ]
  })
}

async function keysWhere(
  dialect: Dialect,
  database: Queryable,
  table: Table,
  condition: string,
): Promise<readonly string[]> {
  return firstKeys(dialect, database, table, `FROM ${quoteName(dialect, table)} WHERE ${condition}`)
}
