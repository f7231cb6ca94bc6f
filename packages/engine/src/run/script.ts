import { randomUUID } from 'node:crypto'

import type { Dialect } from '../dialect/dialect'
import { AludelError } from '../errors'
import type { FileEffects } from '../files/recorded-effects'
import { createTables, journalValues, nameInSchema, quotePath } from '../history/history'
import type { JournalEntry } from '../history/types'
import { historyNames } from '../revision/replaced'
import type { Step } from '../revision/revision'
import { shortSql, transactionEffects, trimStatement } from '../sql/text'
import { refuseOutside, type TransactionMode } from './steps'

/** A step with the statements it would execute. */
export interface ScriptStep extends Step {
  readonly statements: readonly string[]
  /** The checksum of its file, for the journal. */
  readonly checksum: string
  /** False: outside a transaction. */
  readonly transactional: boolean
  /** See `ReadStep.recorded`. */
  readonly recorded?: FileEffects
  /** Present if the statements were recorded on a database without rows, and the revision reads some. */
  readonly rowsRead?: string
}

/** How a script writes the journal of the database that it is for. */
export interface JournalTarget {
  /**
   * The name of the history, for the column of that name; undefined leaves it empty. A script that is made without a database
   * does not name it, because an earlier version may have created the journal: the next run leads its rows over.
   */
  readonly history?: string
  /** Statements that make the journal of an earlier version the present one. */
  readonly addHistory: readonly string[]
}

interface ScriptOptions {
  readonly dialect: Dialect
  readonly steps: readonly ScriptStep[]
  /** Either may be `schema.table`. */
  readonly historyTable: string
  readonly journalTable: string
  /** TypeORM's own table for views and generated columns, created if a step uses it. May be `schema.table`. */
  readonly metadataTable: string
  /** What the journal contains about the history, and how it becomes able to. Default: the script cannot know. */
  readonly journal?: JournalTarget
  /** Begin by creating both tables, as a run does if they are missing. */
  readonly createTables: boolean
  /** Statements before the first revision: what TypeORM does when it connects. */
  readonly before?: readonly string[]
  /** One transaction for each revision, or one for all. */
  readonly mode: TransactionMode
  /** For the journal: who wrote the script, and with which version. */
  readonly actor: string
  readonly toolVersion: string
}

/**
 * The lines of a script that `psql` or `sqlite3` can run instead of the tool: the same statements in the same
 * transactions, and the same rows in the history and in the journal (with the server's times).
 *
 * @returns statements, each ending in one `;`, and between them comment lines that name the revisions and commands of the
 *   client (`\set …`); join them with newlines
 * @throws AludelError `ALUDEL_TRANSACTION_MODE` mode `all`, and a revision that cannot take part
 *
 * @example
 * offlineScript({ dialect: sqlite, steps, historyTable: 'migrations', journalTable: 'aludel_journal',
 *   metadataTable: 'typeorm_metadata', createTables: true, mode: 'each', actor: 'deploy@ci', toolVersion: '0.1.0' }).join('\n')
 */
export function offlineScript(options: ScriptOptions): string[] {
  const { dialect, steps, mode } = options
  const { script } = dialect.sql
  const runId = randomUUID()
  const lines: string[] = [...script.header]
  const push = (statement: string): void => {
    const text = terminate(statement)
    if (text !== undefined) lines.push(text)
  }
  const { before = [] } = options
  if (before.length > 0) lines.push('-- what TypeORM creates when it connects')
  for (const sql of before) push(sql)
  if (options.createTables) {
    lines.push('-- history and journal')
    const tables = { table: options.historyTable, journalTable: options.journalTable }
    for (const sql of createTables(dialect, tables, options.metadataTable)) push(sql)
  }
  for (const sql of options.journal?.addHistory ?? []) push(sql)
  if (usesMetadata(options)) {
    lines.push("-- TypeORM's table for views and generated columns")
    push(createMetadata(options))
  }
  const changes = ({ statements }: ScriptStep): boolean =>
    statements.some((sql) => script.session?.changes(sql) === true)
  if (steps.some(changes)) lines.push(...(script.session?.keep ?? []))
  const isWhole = mode === 'all' && steps.length > 0
  if (isWhole) {
    refuseOutside(steps)
    for (const step of steps) refuseEndOfTransaction(step)
    lines.push(...script.begin(true))
  }
  for (const step of steps) {
    lines.push(`-- ${step.direction} ${step.revision.id}: ${oneLine(step.revision.message)}`)
    if (step.rowsRead !== undefined)
      lines.push(
        `-- it reads rows, and these are its statements for a database without any: ${shortSql(step.rowsRead)}`,
      )
    if (!isWhole) lines.push(...script.begin(step.transactional))
    const { before, after } = script.around(step.statements, step.recorded !== undefined)
    lines.push(...before)
    for (const statement of script.statements(step.statements)) push(statement)
    // The rows that record a step are written as it began: in a transaction or outside.
    const isOpen = isOpenAfter(step)
    if (step.transactional && !isOpen) push('BEGIN')
    if (!step.transactional && isOpen) push('COMMIT')
    if (changes(step)) lines.push(...(script.session?.restore ?? []))
    lines.push(...after)
    if (!isWhole) lines.push(...script.check)
    push(historyStatement(options, step))
    push(journalStatement(options, step, runId))
    if (!isWhole) lines.push(...script.commit(step.transactional))
  }
  if (isWhole) lines.push(...script.check, ...script.commit(true))
  lines.push(...script.footer)
  return lines
}

function usesMetadata({ steps, metadataTable }: ScriptOptions): boolean {
  const name = nameInSchema(metadataTable)
  return steps.some(({ statements }) => statements.some((sql) => sql.includes(name)))
}

/** The table of TypeORM's `RdbmsSchemaBuilder.createTypeormMetadataTable`. */
function createMetadata({ dialect, metadataTable }: ScriptOptions): string {
  return (
    `CREATE TABLE IF NOT EXISTS ${quotePath(dialect, metadataTable)} ` +
    '("type" varchar NOT NULL, "database" varchar, "schema" varchar, "table" varchar, "name" varchar, "value" text)'
  )
}

function refuseEndOfTransaction({ revision, statements }: ScriptStep): void {
  const end = statements.find((sql) => transactionEffects(sql).some((effect) => effect !== 'begin'))
  if (end === undefined) return
  throw new AludelError(
    'ALUDEL_TRANSACTION_MODE',
    `${revision.id} (${revision.message}) ends its transaction (${shortSql(end, 80)}), so the script cannot be one transaction`,
    { help: 'Write one transaction for each revision: --transaction each.', details: { revisions: [revision.id] } },
  )
}

/** Whether a transaction is open after the statements of a step. */
function isOpenAfter({ statements, transactional }: ScriptStep): boolean {
  const last = statements.flatMap((sql) => transactionEffects(sql)).at(-1)
  return last === undefined ? transactional : last === 'begin'
}

/** The statement that writes or removes the history row of a step. */
function historyStatement({ dialect, historyTable }: ScriptOptions, { revision, direction }: Step): string {
  const table = quotePath(dialect, historyTable)
  const names = historyNames(revision).map((name) => dialect.sql.literal(name))
  return direction === 'upgrade'
    ? `INSERT INTO ${table} ("timestamp", "name") VALUES (${dialect.sql.literal(revision.timestamp)}, ${names[0] ?? ''})`
    : `DELETE FROM ${table} WHERE "name" ${names.length === 1 ? `= ${names[0] ?? ''}` : `IN (${names.join(', ')})`}`
}

function journalStatement(
  { dialect, journalTable, journal, actor, toolVersion }: ScriptOptions,
  step: ScriptStep,
  runId: string,
): string {
  const now = new Date(0)
  const entry: JournalEntry = {
    runId,
    revision: step.revision.id,
    name: step.revision.name,
    direction: step.direction,
    statement: step.statements.length,
    checksum: step.checksum,
    startedAt: now,
    finishedAt: now,
    durationMs: 0,
    actor,
    toolVersion,
    outcome: 'done',
  }
  return journalInsert(dialect, journalTable, entry, journal?.history)
}

/** The statement that adds an entry to the journal, with the time at which it runs; without a semicolon. */
export function journalInsert(
  dialect: Dialect,
  journalTable: string,
  entry: JournalEntry,
  history: string | undefined,
): string {
  const values = Object.entries({ ...journalValues(entry), ...(history === undefined ? {} : { history }) })
  const columns = values.map(([column]) => dialect.sql.quote(column)).join(', ')
  const literals = values.map(([column, value]) =>
    column.endsWith('_at') ? 'CURRENT_TIMESTAMP' : dialect.sql.literal(value),
  )
  return `INSERT INTO ${quotePath(dialect, journalTable)} (${columns}) VALUES (${literals.join(', ')})`
}

/** The statement with one semicolon at the end, and no comment before it that would swallow it. */
function terminate(statement: string): string | undefined {
  const text = trimStatement(statement)
  return text === '' ? undefined : `${text};`
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}
