import { extname } from 'node:path'

import type { MigrationInterface, QueryRunner } from 'typeorm'

import { define } from '../batches/options'
import { inlined, wholeUpdate } from '../batches/statements'
import type { Dialect } from '../dialect/dialect'
import { isAludelError } from '../errors'
import { effectsInFile, type FileEffects } from '../files/recorded-effects'
import type { WrittenStatement } from '../files/value-reader'
import type { CachedPlans } from '../files/plan-cache'
import { statementsInText, textOfFile } from '../files/statements'
import type { Direction, Revision } from '../revision/revision'
import { trimStatement } from '../sql/text'

/** The statements of a revision in its file, in order; `unread`: why they are known only when it runs. */
type Written = (
  | {
      readonly statements: readonly string[]
      /** Their effects, which the tool has written into the file. */
      readonly effects: FileEffects | undefined
      /** The texts that the revision sends, if that and nothing else is what loading and running it does. */
      readonly verbatim: readonly string[] | undefined
    }
  | { readonly unread: string }
) & {
  /** For the journal; absent if the file cannot be read. */
  readonly checksum?: string
}

/**
 * Reads the statements of a revision from its file, without executing it. Parameters are inlined; a call of `batched`
 * becomes the one statement that leaves the same rows.
 *
 * @param driverType `queryRunner.connection.options.type`
 * @param cache of what was read before
 * @example
 * await writtenStatements(revision, 'upgrade', sqlite, 'better-sqlite3')
 * // { statements: ['ALTER TABLE "workflows" ADD COLUMN "priority" integer'] }
 */
export async function writtenStatements(
  revision: Pick<Revision, 'path' | 'exportName' | 'checksum'>,
  direction: Direction,
  dialect: Dialect,
  driverType: string,
  cache?: CachedPlans,
): Promise<Written> {
  const text = textOfFile(revision)
  if (cache === undefined || text === undefined) return writtenIn(revision, text, direction, dialect, driverType)
  // The extension decides how a text is parsed.
  const { path, exportName } = revision
  const key = cache.keyOf(text, [extname(path), exportName, direction, dialect.name, driverType])
  const known = cache.find(key)
  if (known !== undefined) return known as Written
  const written = await writtenIn(revision, text, direction, dialect, driverType)
  cache.keep(key, text, written)
  return written
}

async function writtenIn(
  revision: Pick<Revision, 'path' | 'exportName' | 'checksum'>,
  content: string | undefined,
  direction: Direction,
  dialect: Dialect,
  driverType: string,
): Promise<Written> {
  const found = await statementsInText(revision, content, direction, driverType)
  const { checksum } = found
  if ('reason' in found) return { unread: found.reason, checksum }
  const sent = sentBy(found.statements, dialect)
  if ('unread' in sent) return { ...sent, checksum }
  const statements = sent.map(({ text }) => text)
  return {
    statements,
    effects: effectsFor(found.effects, dialect, direction, statements),
    verbatim: found.complete ? verbatim(found.statements) : undefined,
    checksum,
  }
}

/** The texts that reach the database, each with the offset of its call in the file. */
function sentBy(
  written: readonly WrittenStatement[],
  dialect: Dialect,
): readonly { readonly text: string; readonly start: number }[] | { readonly unread: string } {
  const sent: { readonly text: string; readonly start: number }[] = []
  for (const one of written) {
    const text = textOf(one, dialect)
    if (typeof text !== 'string') return text
    if (text !== '') sent.push({ text, start: one.start })
  }
  return sent
}

/**
 * Where the statements of {@link writtenStatements} are in the file: the offset of the call of each. Empty if they are known only
 * when the revision runs.
 */
export async function writtenPlaces(
  revision: Pick<Revision, 'path' | 'exportName' | 'checksum'>,
  direction: Direction,
  dialect: Dialect,
  driverType: string,
): Promise<readonly number[]> {
  const found = await statementsInText(revision, textOfFile(revision), direction, driverType)
  if ('reason' in found) return []
  const sent = sentBy(found.statements, dialect)
  return 'unread' in sent ? [] : sent.map(({ start }) => start)
}

/** Undefined if one has parameters, is empty, or is no plain statement. */
function verbatim(written: readonly WrittenStatement[]): readonly string[] | undefined {
  const texts = written.flatMap((one) =>
    one.kind === 'query' && one.parameters.length === 0 && trimStatement(one.sql) !== '' ? [one.sql] : [],
  )
  return texts.length === written.length ? texts : undefined
}

/**
 * A revision that sends these statements. It stands in for a file that does the same, so that the file need not be loaded.
 *
 * @example
 * await revisionOf(['DROP TABLE "a"']).up(queryRunner)
 */
export function revisionOf(statements: readonly string[]): MigrationInterface {
  const run = async (queryRunner: QueryRunner): Promise<void> => {
    for (const sql of statements) await queryRunner.query(sql)
  }
  return { up: run, down: run }
}

function effectsFor(
  given: unknown,
  { name }: Dialect,
  direction: Direction,
  statements: readonly string[],
): FileEffects | undefined {
  const method = direction === 'upgrade' ? 'up' : 'down'
  const ofDialect: unknown = Object.entries(given ?? {}).find(([key]) => key === name)?.[1]
  return effectsInFile((ofDialect as Readonly<Record<string, unknown>> | undefined)?.[method], statements)
}

function textOf(written: WrittenStatement, dialect: Dialect): string | { readonly unread: string } {
  const query = written.kind === 'query' ? written : wholeBatched(written.options, dialect)
  if ('unread' in query) return query
  const text = inlined(dialect, query.sql, query.parameters)
  return text === undefined ? { unread: 'its parameters do not match their placeholders' } : trimStatement(text)
}

function wholeBatched(
  options: Readonly<Record<string, unknown>>,
  dialect: Dialect,
): { readonly sql: string; readonly parameters: readonly unknown[] } | { readonly unread: string } {
  try {
    const definition = define(options as unknown as Parameters<typeof define>[0])
    const { update } = definition
    return typeof update === 'function'
      ? { unread: 'calls batched with a function' }
      : wholeUpdate(dialect, definition, update)
  } catch (error) {
    if (!isAludelError(error)) throw error
    // The call will fail with the same error when it runs.
    return { unread: error.message }
  }
}
