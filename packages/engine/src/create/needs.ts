import type { MigratorContext } from '../project/context'
import type { Queryable } from '../dialect/queryable'
import type { DialectName } from '../dialect/registry'
import type { NeedJson } from '../results'
import { type Need, needFlag, needsOf, needText } from '../difference/needs'
import { plural } from '../text'
import type { DialectDiff } from './diff'

/** A condition that rows must meet, and the number of rows that violate it. */
export interface CountedNeed {
  readonly need: Need
  readonly dialect: DialectName
  /** The type of the column. */
  readonly type: string
  /** Null if not counted: the project's database cannot be reached, is not at the head, or has another dialect. */
  readonly rows: number | null
}

/**
 * The needs of every dialect's operations. The violating rows are counted if the project's database can be reached and is
 * at the head. Counting creates nothing, and a failure is ignored.
 *
 * @param known needs that were counted before
 */
export async function countedNeeds(
  context: MigratorContext,
  diffs: readonly DialectDiff[],
  known: readonly CountedNeed[] = [],
): Promise<readonly CountedNeed[]> {
  const needs = diffs.flatMap((diff) =>
    needsOf(diff.operations, diff.from).map((need) => ({
      need,
      dialect: diff.dialect.name,
      type: typeOf(need, diff),
      sql: diff.dialect.ddl.countViolations(need),
    })),
  )
  const key = (item: { readonly need: Need; readonly dialect: string }): string =>
    JSON.stringify([item.dialect, item.need.kind, item.need.flag])
  const counted = new Map(known.map((item) => [key(item), item.rows]))
  const live = await context.connection.dialect()
  const open = needs.filter((item) => item.dialect === live.name && item.sql !== null && !counted.has(key(item)))
  if (open.length > 0) {
    await onLiveDatabase(context, async (database) => {
      context.reporter.progress('counting the rows that violate a condition')
      for (const item of open) counted.set(key(item), await countOf(database, item.sql ?? ''))
    })
  }
  return needs.map(({ need, dialect, type, sql }) => ({
    need,
    dialect,
    type,
    rows: sql === null ? null : (counted.get(key({ need, dialect })) ?? null),
  }))
}

async function onLiveDatabase(context: MigratorContext, work: (database: Queryable) => Promise<void>): Promise<void> {
  try {
    const [dataSource, dialect] = [await context.connection.dataSource(), await context.connection.dialect()]
    if (!dataSource.isInitialized && !(await dialect.connection.isReachable(dataSource.options))) return
    await context.connection.withReader(async (runner) => {
      const state = await context.state(runner)
      if (state.pending.length === 0 && state.unknown.length === 0) await work(runner)
    })
  } catch {
    // The number stays unknown; the revision can be written without it.
  }
}

async function countOf(database: Queryable, sql: string): Promise<number | null> {
  const [row] = (await database.query(sql)) as { readonly n?: string | number }[]
  return row?.n === undefined ? null : Number(row.n)
}

function typeOf({ to, flag, column }: Need, { operations }: DialectDiff): string {
  if (to !== undefined) return to.type
  const added = operations.find(
    (operation) => operation.op === 'addColumn' && operation.column.name === column && flag.endsWith(`.${column}`),
  )
  return added?.op === 'addColumn' ? added.column.type : ''
}

/** The needs of all dialects as JSON, one for each column and kind, with the number of rows if it is known. */
export function needJson(needs: readonly CountedNeed[]): NeedJson[] {
  const lines = new Map<string, NeedJson>()
  for (const { need, rows, dialect } of needs) {
    const key = `${need.kind} ${need.flag}`
    const other = lines.get(key)
    lines.set(key, {
      kind: need.kind,
      column: need.flag,
      text: other?.text ?? needText(need),
      flag: other?.flag ?? needFlag(need),
      rows: other?.rows ?? rows,
      dialects: [...(other?.dialects ?? []), dialect],
    })
  }
  return [...lines.values()]
}

/** The condition for the confirmation, with the number of rows of the project's database that violate it. */
export function conditionText({ text, rows }: NeedJson): string {
  if (rows === null) return text
  return rows === 0
    ? `${text} (no row of the database violates this)`
    : `${text} (${plural(rows, 'row')} of the database ${rows === 1 ? 'violates' : 'violate'} this)`
}
