import { AludelError } from '../errors'
import { ageIn, keptAge } from '../project/ages'

/**
 * Whether an upgrade keeps what it drops or narrows. `for`: how long, as a number with a unit (`12h`, `30d`, `8w`). Nothing is ever
 * removed without being asked: after that time, `kept prune` removes it.
 */
export type KeepDropped = boolean | { readonly for: string }

/** How a run keeps what its revisions drop. */
export interface KeepOptions {
  /**
   * Set aside in the database itself what revisions drop or narrow, so that a downgrade can give it back, together with the rows
   * that were written since. Default: that of the `Migrator`, or false.
   */
  readonly keepDropped?: KeepDropped
}

/** Milliseconds of `30d`, `12h`, `8w`; undefined for any other text. */
export function readAge(text: string): number | undefined {
  return ageIn(text.trim(), keptAge)
}

/**
 * How long things are kept, in milliseconds; undefined: until they are removed.
 *
 * @throws AludelError `ALUDEL_CONFIG` for a text that is not a time
 */
export function keptForMs(keepDropped: KeepDropped | undefined): number | undefined {
  if (keepDropped === undefined || typeof keepDropped === 'boolean') return undefined
  const ms = readAge(keepDropped.for)
  if (ms !== undefined) return ms
  throw new AludelError(
    'ALUDEL_CONFIG',
    `keepDropped: for must be a time such as "30d", not ${JSON.stringify(keepDropped.for)}`,
    {
      help: 'A number and a unit: m (minutes), h, d or w.',
    },
  )
}

/** Whether a run keeps anything. */
export function keeps(keepDropped: KeepDropped | undefined): boolean {
  return keepDropped !== undefined && keepDropped !== false
}
