import { firstWords, splitStatements } from '../../sql/text'
import type { Queryable } from '../queryable'
import type { KeptSession } from '../roles/running'
import type { ScriptSession } from '../roles/sql'
import { doStatement, text } from './literal'

/**
 * A revision may leave the session in another role or with other settings: the output of `pg_dump` begins with
 * `SELECT pg_catalog.set_config('search_path', '', false)`, and switches row security and time limits off. Neither the
 * record of the revision nor the next revision may depend on that.
 */

/** Settings that belong to a transaction, or that the lock sets for itself. */
const neverRestored = [
  'application_name',
  'client_connection_check_interval',
  'transaction_deferrable',
  'transaction_isolation',
  'transaction_read_only',
]
/** Settings that the run itself sets for a transaction. */
const limits = ['lock_timeout', 'statement_timeout']

const listOf = (names: readonly string[]): string => names.map(text).join(', ')

/** All settings that a role may change, as JSON. */
const settings =
  `(SELECT json_object_agg(s.name, s.setting)::text FROM pg_catalog.pg_settings s ` +
  `WHERE s.context IN ('user', 'superuser') AND s.name NOT IN (${listOf(neverRestored)}))`

interface Values {
  /** `none` for the role that logged in. */
  readonly role: string
  readonly login: string
  readonly settings: string
}

/**
 * Calls of `set_config` for what differs from these values, given as SQL.
 *
 * They are no SET LOCAL: where the revision has used SET, its value must not come back after COMMIT.
 */
function restoring(values: Values, kept: readonly string[]): string {
  return (
    `SELECT set_config('session_authorization', ${values.login}, false) WHERE session_user <> ${values.login} UNION ALL ` +
    `SELECT set_config('role', ${values.role}, false) WHERE current_setting('role') <> ${values.role} UNION ALL ` +
    `SELECT set_config(s.name, b.value, false) FROM json_each_text(${values.settings}::json) b ` +
    `JOIN pg_catalog.pg_settings s ON s.name = b.key WHERE s.setting <> b.value` +
    (kept.length === 0 ? '' : ` AND s.name NOT IN (${listOf(kept)})`)
  )
}

/** See `RunningRole.keepSession`. */
export async function keepSession(database: Queryable): Promise<KeptSession> {
  const [row] = (await database.query(
    `SELECT current_setting('role') AS role, session_user::text AS login, ${settings} AS settings`,
  )) as Values[]
  const before = row ?? { role: 'none', login: '', settings: '{}' }
  const values = { role: '$1::text', login: '$2::text', settings: '$3::text' }
  return {
    restore: async (session, scope) => {
      await session.query(restoring(values, scope === 'transaction' ? limits : []), [
        before.role,
        before.login,
        before.settings,
      ])
    },
    own: (session, { isLocal, sent }) => ({
      query: async (sql, parameters) => {
        if (!sent().some(mayChangeRole)) return session.query(sql, parameters)
        const [now] = (await session.query(`SELECT current_setting('role') AS role`)) as { role: string }[]
        if (now === undefined || now.role === before.role) return session.query(sql, parameters)
        const setRole = (role: string): Promise<unknown> =>
          session.query(`SELECT set_config('role', $1, ${String(isLocal())})`, [role])
        await setRole(before.role)
        const result: unknown = await session.query(sql, parameters)
        await setRole(now.role)
        return result
      },
    }),
  }
}

/** Whether the text of a statement may end in another role. The name of a function may hide it. */
function mayChangeRole(sql: string): boolean {
  return /\b(?:role|authorization|set_config|discard)\b/i.test(sql)
}

/** Whether a text may leave other settings, or another role, behind, as far as it shows. */
export function changesSession(sql: string): boolean {
  if (!/\b(?:set|reset|discard|set_config)\b/i.test(sql)) return false
  return splitStatements(sql).some((statement) => {
    if (/\bset_config\s*\(/i.test(statement)) return true
    const [first, second, third] = firstWords(statement, 3)
    if (first === 'RESET' || first === 'DISCARD') return true
    if (first !== 'SET' || second === 'CONSTRAINTS' || second === 'TRANSACTION') return false
    // COMMIT takes the others back, and they do not matter for the record.
    return second !== 'LOCAL' || ['ROLE', 'SESSION', 'SEARCH_PATH', 'SCHEMA'].includes(third ?? '')
  })
}

/** How a script does the same: `psql` does not know the values, so the session itself keeps them. */
export const scriptSession: ScriptSession = {
  changes: changesSession,
  keep: [
    `${doStatement(
      `BEGIN PERFORM set_config('aludel.login', session_user::text, false), ` +
        `set_config('aludel.role', current_setting('role'), false), set_config('aludel.settings', ${settings}, false); END`,
    )};`,
  ],
  restore: [
    `${doStatement(
      `BEGIN PERFORM set_config(k, v, false) FROM (VALUES ('session_authorization', current_setting('aludel.login', true))) AS a (k, v) ` +
        `WHERE session_user <> v; ` +
        `PERFORM set_config(k, v, false) FROM (VALUES ('role', current_setting('aludel.role', true))) AS a (k, v) WHERE current_setting('role') <> v; ` +
        `PERFORM set_config(s.name, b.value, false) FROM json_each_text(nullif(current_setting('aludel.settings', true), '')::json) b ` +
        `JOIN pg_catalog.pg_settings s ON s.name = b.key WHERE s.setting <> b.value; END`,
    )};`,
  ],
}
