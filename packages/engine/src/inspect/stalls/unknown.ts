import type { LiveProfile } from '../../dialect/roles/scale'
import { codeTokens, wordOf } from '../../sql/lexer'
import type { ModelRun } from './model'
import type { RehearsedStep } from './rehearsal'

/**
 * Why it cannot be told how long a step takes; undefined if it can. A number without ground would be worse than none.
 *
 * @param at the place of the step among those of the plan
 * @param runs one of each size at least
 */
export function whyUnknown(
  { statements, error }: RehearsedStep,
  at: number,
  live: LiveProfile,
  runs: readonly ModelRun[],
): string | undefined {
  if (error !== undefined) return `it failed with sample rows: ${firstLine(error)}`
  const tables = [...new Set(statements.flatMap((one) => one.tables))]
  for (const table of tables) {
    if (live.tables.get(table)?.rows === null) return `nothing has analyzed ${table}, so its size is not known`
    for (const run of runs) {
      const words = run.refused.get(table)
      if (words !== undefined) return `no rows like those of ${table} can be made: ${firstLine(words)}`
      const others = unmade(live.tables.get(table)?.indexes ?? [], run.indexes.get(table))
      if (others.length > 0) return `${table} has indexes that no revision has made: ${others.join(', ')}`
    }
  }
  for (const { sql, rewrites, locks, tables: touched } of statements) {
    const changed = new Set([...rewrites, ...(locks.some(({ level }) => level === 'ROW EXCLUSIVE') ? touched : [])])
    for (const table of changed) {
      const unlike = live.tables.get(table)?.unlike
      if (unlike !== undefined) return unlike
    }
    if (choosesRows(sql)) return `how many rows match its WHERE is not known: ${shorten(sql)}`
  }
  for (const run of runs) {
    const step = run.steps[at]
    if (step === undefined) return `it failed with many rows: ${firstLine(run.error ?? 'it did not run')}`
    const isSame =
      step.statements.length === statements.length &&
      step.statements.every((one, place) => one.sql === statements[place]?.sql)
    if (!isSame) return 'it sends other statements, the more rows there are'
  }
  return undefined
}

/** Indexes of a live table that the model does not have. */
function unmade(names: readonly string[], model: readonly string[] | undefined): readonly string[] {
  if (model === undefined) return []
  return names.filter((name) => !model.includes(name) && !name.startsWith('sqlite_autoindex_'))
}

const changing = new Set(['UPDATE', 'DELETE', 'INSERT', 'MERGE', 'REPLACE'])

/**
 * True for a statement that changes some rows and not all: the values of sample rows say nothing about how many. NULLs are as many as
 * in the live table.
 */
function choosesRows(sql: string): boolean {
  const words = [...codeTokens(sql, 'neutral')].map((token) => wordOf(token) ?? token.text)
  const first = words[0] === 'WITH' ? words.find((word) => changing.has(word)) : words[0]
  if (first === undefined || !changing.has(first)) return false
  if (first === 'MERGE') return true
  const where = words.indexOf('WHERE')
  if (where === -1) return false
  const condition = words.slice(where + 1)
  return !(condition.length === 3 && condition[1] === 'IS' && condition[2] === 'NULL')
}

function firstLine(text: string): string {
  return text.split('\n', 1).join('')
}

function shorten(sql: string): string {
  const line = sql.replaceAll(/\s+/g, ' ').trim()
  return line.length <= 60 ? line : `${line.slice(0, 59)}…`
}
