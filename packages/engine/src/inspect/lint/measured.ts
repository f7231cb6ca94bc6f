import type { Dialect } from '../../dialect/dialect'
import type { Measured } from '../../dialect/roles/trace'
import type { Placed } from '../../lint/linter'
import type { Rule } from '../../lint/rule'
import { unseenLock, unseenRewrite } from '../../lint/rules/about-files'
import { isStronger, type LockMode, lockText, type StatementEffects, type TableLock } from '../../sql/effects'
import type { TracedStep } from './trace'

/** The weakest level that blocks writes. */
const blocking: LockMode = 'SHARE'

/**
 * What was measured and the text of the statement does not show: code in functions and DO blocks, triggers, what only the catalog
 * knows. Nobody uses a table that the revision itself has made, so those are left out.
 *
 * @param chosen the rules that are on
 */
export async function unseen(
  dialect: Dialect,
  { statements, existing }: TracedStep,
  chosen: readonly Rule[],
): Promise<readonly Placed[]> {
  const reader = await dialect.sql.readEffects()
  return statements.flatMap(({ sql, measured }, index): readonly Placed[] => {
    const claimed = reader.read(sql)
    if (measured === null) return []
    const found = (name: string, table: string, message: string): readonly Placed[] => {
      const rule = chosen.find((one) => one.name === name)
      if (rule === undefined) return []
      const isKey = name === unseenLock.name && dropsKeys.test(sql)
      const severity = isKey ? 'info' : rule.severity
      return [{ rule, severity, index, sql, table, message, help: isKey ? helpForKey : help }]
    }
    return [
      ...locksUnseen(measured, claimed)
        // The text names the index, and everybody knows that it has a table.
        .filter(({ table }) => existing.has(table) && !/^\s*DROP\s+INDEX\b/i.test(sql))
        .flatMap((lock) =>
          found(
            unseenLock.name,
            lock.table,
            `it locks ${lockText(lock)}, which its text does not show: this was measured`,
          ),
        ),
      ...measured.rewrites
        .filter((table) => existing.has(table) && !isClaimed(table, claimed))
        .flatMap((table) =>
          found(unseenRewrite.name, table, `it rewrites ${table}, which its text does not show: this was measured`),
        ),
    ]
  })
}

const help = 'Look at what it calls or changes besides: a function, a trigger, an object that depends on the table.'

/**
 * What may drop a foreign key, whose triggers are on the other table as well:
 * https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES
 */
const dropsKeys = /^\s*(?:ALTER\s+TABLE\b.*\bDROP\b|DROP\s+TABLE\b)/is

const helpForKey = 'Dropping a foreign key locks the table to which it refers, for a moment.'

function locksUnseen(measured: Measured, claimed: StatementEffects): readonly TableLock[] {
  return measured.locks.filter(
    ({ level, table }) =>
      (level === blocking || isStronger(level, blocking)) &&
      !claimed.locks.some((one) => one.table === table && !isStronger(level, one.level)),
  )
}

/** Rows that are removed are in another file, too. */
function isClaimed(table: string, { rewrites, destroys }: StatementEffects): boolean {
  return rewrites.includes(table) || destroys.some((loss) => loss.table === table)
}
