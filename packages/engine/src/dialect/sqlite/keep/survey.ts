import type { Loss } from '../../../sql/effects'
import { sqliteEffects } from '../../../sql/sqlite/effects'
import { fold } from '../../../sql/sqlite/tokens'
import { clash } from '../../kept-errors'
import type { Queryable } from '../../queryable'
import type { KeepingStep, KeepVerdict, KeptEntry, Return } from '../../roles/keeping'
import { quote } from '../quote'
import { isVirtual, keysOf, storedColumns, tableNamed } from './catalog'
import { type ColumnEntry, columnEntry, countSince, countUnchanged, obstacleTo } from './entries'
import { gapOf, needsValue } from './gaps'
import { foreseeClash } from './unique-keys'

/** See `KeepingRole.survey`. */
export async function survey(
  database: Queryable,
  steps: readonly KeepingStep[],
): Promise<readonly (readonly KeepVerdict[])[]> {
  const verdicts: (readonly KeepVerdict[])[] = []
  for (const step of steps) {
    const { losses } = step
    const lost = new Map<string, Set<string>>()
    for (const { table = '', column } of losses) {
      const columns = lost.get(fold(table)) ?? new Set()
      if (column !== undefined) columns.add(fold(column))
      lost.set(fold(table), columns)
    }
    const found: KeepVerdict[] = []
    for (const loss of losses) found.push(await verdictOn(database, step, loss, lost.get(fold(loss.table ?? ''))))
    verdicts.push(found)
  }
  return verdicts
}

async function verdictOn(
  database: Queryable,
  step: KeepingStep,
  loss: Loss,
  lost: ReadonlySet<string> = new Set(),
): Promise<KeepVerdict> {
  const { kind, table } = loss
  if (kind === 'rows') return { loss, kept: 'no', reason: 'a statement of the revision deletes rows' }
  if (kind === 'overwritten') return { loss, kept: 'no', reason: 'a statement of the revision changes rows' }
  if (kind === undefined || table === undefined) {
    return {
      loss,
      kept: 'no',
      reason: 'it is known only when it runs; tables and columns that it drops are kept, rows that it changes are not',
    }
  }
  const name = await tableNamed(database, table)
  if (name !== undefined && (await isVirtual(database, name)))
    return { loss, kept: 'no', reason: `${name} is a virtual table, whose rows its module stores` }
  if (kind === 'table') return { loss, kept: 'yes' }
  // A table that an earlier revision of the plan creates or renames is seen when its turn comes.
  if (name === undefined || (await isEmpty(database, name))) return { loss, kept: 'yes' }
  const keys = await keysOf(database, name)
  const stays = keys.some((key) => !key.some((one) => lost.has(fold(one))))
  // A key whose values are only converted still identifies its rows.
  if (stays || (keys.length > 0 && (await hasKeyAfter(database, step, name, keys)))) return { loss, kept: 'yes' }
  return {
    loss,
    kept: 'refused',
    reason:
      keys.length === 0
        ? `table ${name} has no primary key and no unique columns without NULL, so values would not find their rows again`
        : `the revision changes the only key of table ${name}, so values would not find their rows again`,
    help: `Give table ${name} a primary key, or a unique index on columns that are never NULL, or run without --keep-dropped.`,
  }
}

/** Whether the table has all columns of one of its keys after the statements of the step. */
async function hasKeyAfter(
  database: Queryable,
  { statements }: KeepingStep,
  table: string,
  keys: readonly (readonly string[])[],
): Promise<boolean> {
  if (statements === null) return true
  const columns = await storedColumns(database)
  const reader = sqliteEffects((name) => columns.get(name))
  for (const sql of statements) reader.read(sql)
  const places = reader.whereabouts([table])
  return keys.some((key) =>
    places.some(({ all, columns: now }) =>
      key.every((name) => now.has(fold(name)) || all?.includes(fold(name)) !== false),
    ),
  )
}

async function isEmpty(database: Queryable, table: string): Promise<boolean> {
  return ((await database.query(`SELECT 1 FROM main.${quote(table)} LIMIT 1`)) as unknown[]).length === 0
}

/** See `KeepingRole.foresee`. */
export async function foresee(
  database: Queryable,
  steps: readonly { readonly step: KeepingStep; readonly entries: readonly KeptEntry[] }[],
): Promise<readonly (readonly Return[])[]> {
  const all: (readonly Return[])[] = []
  for (const [at, { step, entries }] of steps.entries()) {
    const columns = new Map(entries.map((entry) => [entry, columnEntry(entry)]))
    const context = { entries: [...columns.values()].flatMap((one) => one ?? []), isFirst: at === 0 }
    const returns: Return[] = []
    for (const [entry, one] of columns) {
      returns.push(
        one === undefined
          ? { entry, rows: entry.rows, since: null, gets: null }
          : await foreseeColumn(database, step, one, context),
      )
    }
    all.push(returns)
  }
  return all
}

/**
 * @param context `entries`: all columns of the step; `isFirst`: false if an earlier step of the plan may bring back the table, so that
 *   nothing can be said against it
 */
async function foreseeColumn(
  database: Queryable,
  step: KeepingStep,
  one: ColumnEntry,
  { entries, isFirst }: { readonly entries: readonly ColumnEntry[]; readonly isFirst: boolean },
): Promise<Return> {
  const { entry } = one
  const obstacle = await obstacleTo(database, one)
  if (obstacle !== undefined) {
    return { entry, rows: entry.rows, since: null, gets: null, ...(isFirst && { obstacle }) }
  }
  const rows = await countUnchanged(database, one)
  // A converted value that was written since is converted by the revision.
  if (one.converted !== undefined) return { entry, rows, since: null, gets: null }
  const since = await countSince(database, one)
  const isShort = needsValue(one, step)
  if (isShort && since > 0) return { entry, rows, since, gets: null, obstacle: gapOf(one, since) }
  const found = isFirst ? await foreseeClash(database, step, one, entries) : undefined
  const gets = isShort ? null : getsOf(one)
  return { entry, rows, since, gets, ...(found !== undefined && { obstacle: clash(found, true) }) }
}

function getsOf({ default: value, wasNotNull }: ColumnEntry): string {
  if (value !== null) return `the default ${value}`
  return wasNotNull ? 'what the revision gives them' : 'NULL'
}
