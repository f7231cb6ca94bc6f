import type { Queryable } from '../../queryable'
import type { KeepingStep, KeepVerdict, KeptEntry, Return } from '../../roles/keeping'
import type { Loss } from '../../../sql/effects'
import { leavesEmpty } from './down-statements'
import { missingRights } from './errors'
import { definitionsOf, findHidden } from './give-column'
import { countUnchanged } from './give-values'
import { keptSchema } from './names'
import { countRows } from './places'

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
  for (const { step, entries } of steps) {
    const returns: Return[] = []
    for (const entry of entries) returns.push(await foreseeOne(database, step, entry))
    all.push(returns)
  }
  return all
}

async function foreseeOne(database: Queryable, step: KeepingStep, entry: KeptEntry): Promise<Return> {
  if (entry.kind === 'values')
    return { entry, rows: (await countUnchanged(database, entry)) ?? entry.rows, since: null, gets: null }
  const hidden = entry.kind === 'column' ? await findHidden(database, entry) : undefined
  // Its table is itself kept: an earlier step of the plan brings it back.
  if (hidden === undefined || hidden.table.schema === keptSchema)
    return { entry, rows: entry.rows, since: null, gets: null }
  const { meet: since, others: rows } = await countRows(database, hidden.table, hidden.since)
  const { column } = definitionsOf(entry)
  if (since > 0 && column?.notNull === true && (await leavesEmpty(step.statements, entry.column ?? ''))) {
    const [message, help] = gapText(entry, since)
    return { entry, rows, since, gets: null, obstacle: { message, help } }
  }
  return { entry, rows, since, gets: getsOf(entry) }
}

function getsOf(entry: KeptEntry): string {
  const { column } = definitionsOf(entry)
  if (column?.numbered === true) return 'the next numbers'
  if (column?.default !== null && column?.default !== undefined) return `the default ${column.default}`
  return column?.notNull === true ? 'what the revision gives them' : 'NULL'
}

/** Message and help for rows that would have no value. */
export function gapText({ table, column }: KeptEntry, rows: number): readonly [message: string, help: string] {
  const what = rows === 1 ? '1 row' : `${String(rows)} rows`
  return [
    `${what} of ${table} ${rows === 1 ? 'was' : 'were'} inserted since ${column ?? ''} was dropped, and it is NOT NULL and has no default`,
    'Nothing was changed. Delete these rows, or let the downgrade give them a value: a default, or an UPDATE.',
  ]
}
