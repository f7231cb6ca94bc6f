import type { LiveProfile } from '../../dialect/roles/scale'
import type { TableLock } from '../../sql/effects'
import { codeTokens, type Token, unquote, wordOf } from '../../sql/lexer'
import { tablesMentioned } from '../../sql/mentions'
import type { StepTrace } from '../lint/trace'
import type { ModelStep } from './timed-steps'

/** A step that ran with a few sample rows. */
export interface RehearsedStep {
  readonly statements: readonly RehearsedStatement[]
  /** Why it did not run to its end. */
  readonly error?: string
}

/** A statement, with the tables of the live database that matter for it. */
export interface RehearsedStatement {
  readonly sql: string
  /** Under the names that they have before the plan. */
  readonly tables: readonly string[]
  /** Locks on these tables. */
  readonly locks: readonly TableLock[]
  readonly rewrites: readonly string[]
}

/** A step as it was sent. */
export interface SentStep {
  readonly statements: readonly string[]
  readonly error?: string
}

/**
 * What steps touch, from what was traced of them or, on a dialect without traces, from their text.
 *
 * @param sent the statements of the steps, as far as they ran
 */
export function rehearsed(
  steps: readonly ModelStep[],
  traced: readonly StepTrace[],
  sent: readonly SentStep[],
  live: LiveProfile,
): readonly RehearsedStep[] {
  const names = new LiveNames(live)
  return steps.map(({ revision, direction }, at): RehearsedStep => {
    const trace = traced.find((one) => one.revision === revision.id && one.direction === direction)
    const found = trace?.statements ?? sent[at]?.statements.map((sql) => ({ sql, measured: null })) ?? []
    const error = trace === undefined ? sent[at]?.error : trace.error
    const statements = found.map(({ sql, measured }): RehearsedStatement => {
      const locks = measured?.locks ?? []
      const touched = [
        ...tablesMentioned(sql, names.now),
        ...locks.flatMap(({ table, isIndex }) => (isIndex === true ? [] : [table])),
        ...(measured?.rewrites ?? []),
        ...(measured?.scans ?? []),
      ]
      const statement = {
        sql,
        tables: [...new Set(touched.flatMap((name) => names.before(name) ?? []))],
        locks: locks.flatMap((lock) => {
          const table = lock.isIndex === true ? undefined : names.before(lock.table)
          return table === undefined ? [] : [{ ...lock, table }]
        }),
        rewrites: (measured?.rewrites ?? []).flatMap((name) => names.before(name) ?? []),
      }
      names.follow(sql)
      return statement
    })
    return { statements, ...(error !== undefined && { error }) }
  })
}

/** The names of the tables of the live database, through the renames of a plan. */
class LiveNames {
  readonly #before: Map<string, string>

  constructor(live: LiveProfile) {
    this.#before = new Map([...live.tables.keys()].map((name) => [name, name]))
  }

  get now(): readonly string[] {
    return [...this.#before.keys()]
  }

  /** The name that a table had before the plan; undefined for one that the plan has made. */
  before(name: string): string | undefined {
    return this.#before.get(name)
  }

  follow(sql: string): void {
    const [from, to] = renameIn(sql)
    if (from === undefined || to === undefined) return
    const dot = from.lastIndexOf('.')
    const name = this.#before.get(from)
    if (name === undefined) return
    this.#before.delete(from)
    this.#before.set(`${from.slice(0, dot + 1)}${to}`, name)
  }
}

/** `ALTER TABLE "a" RENAME TO "b"`: both names; empty for another statement. */
function renameIn(sql: string): readonly string[] {
  if (!/^\s*ALTER\s+TABLE\b.*\bRENAME\s+TO\b/is.test(sql)) return []
  const tokens = [...codeTokens(sql, 'neutral')]
  const at = tokens.findIndex((token, place) => wordOf(token) === 'RENAME' && wordOf(tokens[place + 1]) === 'TO')
  const path: Token[] = []
  for (let place = at - 1; place > 0; place -= 2) {
    const token = tokens[place]
    if (token === undefined) break
    path.unshift(token)
    if (tokens[place - 1]?.text !== '.') break
  }
  const to = tokens[at + 2]
  return to === undefined ? [] : [path.map(unquote).join('.'), unquote(to)]
}
