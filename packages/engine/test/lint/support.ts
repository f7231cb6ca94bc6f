import { loadDialect, type DialectName } from '../../src/dialect/registry'
import type { Severity } from '../../src/lint/finding'
import type { LintStep, Rule } from '../../src/lint/rule'
import { loadGrammar, parseStatements } from '../../src/sql/postgres/grammar'

/** A revision of a test. */
export interface TestRevision {
  readonly up?: readonly string[]
  readonly down?: readonly string[]
  /** `false`: the file says so. Default: it runs in a transaction, unless a statement cannot. */
  readonly transaction?: false
  /** Why its statements are not known; those of `down` are if they are given. */
  readonly unread?: string
  /** As if the tool had written it. */
  readonly generated?: true
}

interface Options {
  /** Estimated number of rows by table. */
  readonly rows?: Readonly<Record<string, number>>
  /** Lowest major version of the servers. */
  readonly server?: number
}

/** What a rule has found in the last of some revisions. */
export interface TestFinding {
  readonly direction: 'up' | 'down'
  readonly severity: Severity
  readonly message: string
  readonly help: string
  readonly instead?: readonly string[]
  readonly table?: string
  /** The statement that it is about. */
  readonly sql?: string
}

/**
 * Applies one rule to the last revision; those before it are only learned.
 *
 * @throws if a corrected statement for PostgreSQL cannot be parsed
 * @example
 * await lint('postgres', createIndex, [{ up: ['CREATE INDEX a ON b (c)'] }])
 */
export async function lint(
  name: DialectName,
  rule: Rule,
  revisions: readonly TestRevision[],
  { rows = {}, server }: Options = {},
): Promise<readonly TestFinding[]> {
  const dialect = loadDialect(name)
  const linter = await dialect.lint.linter({ rules: [rule], rows: (table) => rows[table], server })
  const stepOf = (
    { up = [], down = [], transaction, unread, generated }: TestRevision,
    index: number,
    direction: 'up' | 'down',
  ): LintStep => {
    const statements = direction === 'up' ? up : down
    const declaresOutside = transaction === false
    const isUnread = unread !== undefined && (direction === 'up' || down.length === 0)
    return {
      revision: `r${String(index)}`,
      direction: direction === 'up' ? 'upgrade' : 'downgrade',
      statements: isUnread ? null : statements,
      ...(isUnread && { unread }),
      transactional: !declaresOutside && dialect.statements.outsideTransaction(statements) === undefined,
      declaresOutside,
      generated: generated === true,
    }
  }
  for (const [index, revision] of revisions.slice(0, -1).entries()) linter.learn(stepOf(revision, index, 'up'))
  const last = revisions.at(-1)
  if (last === undefined) return []
  const grammar = name === 'postgres' ? await loadGrammar() : undefined
  const found = (['up', 'down'] as const).flatMap((direction) =>
    linter.lint(stepOf(last, revisions.length - 1, direction)).map((found) => ({
      direction,
      severity: found.severity,
      message: found.message,
      help: found.help,
      ...(found.instead !== undefined && { instead: found.instead }),
      ...(found.table !== undefined && { table: found.table }),
      ...(found.sql !== undefined && { sql: found.sql }),
    })),
  )
  if (grammar !== undefined)
    for (const { instead = [] } of found) for (const sql of instead) parseStatements(grammar, sql)
  return found
}
