import type { MigratorContext } from '../project/context'
import type { Queryable } from '../dialect/queryable'
import type { DialectName } from '../dialect/registry'
import type { NeedJson } from '../results'
import { type Need, needFlag, needsOf, needText } from '../difference/needs'
import { plural } from '../text'
import type { DialectDiff } from './diff'

/** What must be true of the rows, and how many there are that stand against it. */
export interface CountedNeed {
  readonly need: Need
  readonly dialect: DialectName
  /** The type of the column. */
  readonly type: string
  /** Null: not counted. The project's database could not be reached, or is not at the head, or is of another dialect. */
  readonly rows: number | null
}

/**
 * The needs of every dialect's operations. Where the project's own database can be reached and is at the head, the rows
 * that stand against them are counted; nothing is made by looking, and whatever goes wrong with that is no error.
 *
 * @param known counted before
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
      context.reporter.progress('counting the rows that would be in the way')
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
    await context.connection.withRunner(async (runner) => {
      const state = await context.state(runner)
      if (state.pending.length === 0 && state.unknown.length === 0) await work(runner)
    })
  } catch {
    // A database that cannot be asked leaves the number unknown: a revision is written without one.
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

/** One line for each need, the same of several dialects once; with the number of rows where it is known. */
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

/** For the confirmation: what is needed, and how far the project's database is from it. */
export function conditionText({ text, rows }: NeedJson): string {
  if (rows === null) return text
  return rows === 0
    ? `${text} (no row of the database is in the way)`
    : `${text} (${plural(rows, 'row')} of the database ${rows === 1 ? 'is' : 'are'} in the way)`
}
