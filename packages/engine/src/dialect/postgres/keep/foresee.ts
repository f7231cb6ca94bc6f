import { clash, gap } from '../../kept-errors'
import type { Queryable } from '../../queryable'
import type { KeepingStep, KeepVerdict, KeptEntry, Obstacle, Return } from '../../roles/keeping'
import type { Loss } from '../../../sql/effects'
import { leavesEmpty } from './down-statements'
import { missingRights } from './errors'
import { definitionsOf } from './dropped'
import { findHidden } from './hidden'
import { countUnchanged } from './give-values'
import { keptSchema } from './names'
import { countRows } from './places'
import { foreseeClash } from './unique-keys'

/** See `KeepingRole.survey`. What a statement drops is known when it runs, so nothing that is dropped is refused here but for rights. */
export async function survey(
  database: Queryable,
  steps: readonly KeepingStep[],
): Promise<readonly (readonly KeepVerdict[])[]> {
  const isNeeded = steps.some(({ losses }) => losses.some((loss) => keptOf(loss) === undefined))
  const missing = isNeeded ? await missingRights(database) : undefined
  return steps.map(({ losses }) =>
    losses.map((loss): KeepVerdict => {
      const reason = keptOf(loss)
      if (reason !== undefined) return { loss, kept: 'no', reason }
      if (missing === undefined) return { loss, kept: 'yes' }
      return {
        loss,
        kept: 'refused',
        reason: missing.message,
        ...(missing.help === undefined ? {} : { help: missing.help }),
      }
    }),
  )
}

/** Why a loss is not kept; undefined if it is. */
function keptOf({ kind, text }: Loss): string | undefined {
  switch (kind) {
    case 'table':
    case 'column':
    case 'converted':
      return undefined
    case 'rows':
      return 'a statement of the revision deletes rows'
    case 'overwritten':
      return 'a statement of the revision changes rows'
    case undefined:
      // DROP SCHEMA, DROP TYPE and the like: what goes with them is known when they run.
      if (
        /^(?:values of columns that depend on |all rows of tables (?:in schema|of extension) |all rows of tables that .* owns$)/.test(
          text,
        )
      )
        return undefined
      return 'it is known only when it runs; tables and columns that it drops are kept where its statements can be read, rows that it changes are not'
  }
}

/** See `KeepingRole.foresee`. */
export async function foresee(
  database: Queryable,
  steps: readonly { readonly step: KeepingStep; readonly entries: readonly KeptEntry[] }[],
): Promise<readonly (readonly Return[])[]> {
  const all: (readonly Return[])[] = []
  for (const [at, { step, entries }] of steps.entries()) {
    const returns: Return[] = []
    for (const entry of entries) returns.push(await foreseeOne(database, step, entry, { entries, isFirst: at === 0 }))
    all.push(returns)
  }
  return all
}

/** @param context `isFirst`: false if an earlier step of the plan may change the rows */
async function foreseeOne(
  database: Queryable,
  step: KeepingStep,
  entry: KeptEntry,
  { entries, isFirst }: { readonly entries: readonly KeptEntry[]; readonly isFirst: boolean },
): Promise<Return> {
  if (entry.kind === 'values')
    return { entry, rows: (await countUnchanged(database, entry)) ?? entry.rows, since: null, gets: null }
  const hidden = entry.kind === 'column' ? await findHidden(database, entry) : undefined
  // Its table is itself kept: an earlier step of the plan brings it back.
  if (hidden === undefined || hidden.table.schema === keptSchema)
    return { entry, rows: entry.rows, since: null, gets: null }
  const { meet: since, others: rows } = await countRows(database, hidden.table, hidden.since)
  const { column } = definitionsOf(entry)
  if (since > 0 && column?.notNull === true && (await leavesEmpty(step.statements, entry.column ?? ''))) {
    return { entry, rows, since, gets: null, obstacle: gapOf(entry, since) }
  }
  const found = isFirst ? await foreseeClash(database, step, { entry, hidden }, entries) : undefined
  return { entry, rows, since, gets: getsOf(entry), ...(found !== undefined && { obstacle: clash(found, true) }) }
}

function getsOf(entry: KeptEntry): string {
  const { column } = definitionsOf(entry)
  if (column?.numbered === true) return 'the next numbers'
  if (column?.default !== null && column?.default !== undefined) return `the default ${column.default}`
  return column?.notNull === true ? 'what the revision gives them' : 'NULL'
}

/** Rows that would have no value. */
export function gapOf({ table, column }: KeptEntry, rows: number): Obstacle {
  return gap({ table, column: column ?? '' }, rows, 'an UPDATE')
}
