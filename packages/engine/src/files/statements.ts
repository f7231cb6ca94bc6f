import type * as oxc from 'oxc-parser' with { 'resolution-mode': 'import' }

import type { Direction, Revision } from '../revision/revision'
import { type ClassInfo, extractClasses } from './extract'
import { checksumOf } from './checksum'
import { bare, keyOf } from './literals'
import { type Method, MethodReader } from './method-reader'
import { OnlyWhenItRuns } from './only-when-it-runs'
import { type Parsed, parseSource } from './parse'
import { isSelfContained } from './self-contained'
import { readTextSync } from './text-file'
import type { WrittenStatement } from './value-reader'

/** The statements of one method, or why they are known only when it runs. */
type MethodStatements =
  | {
      readonly statements: readonly WrittenStatement[]
      /** The value of `static effects`, if it is a literal. */
      readonly effects?: unknown
      /** Whether loading the file and calling the method does nothing but send them. */
      readonly complete: boolean
    }
  /** `line 12 calls queryRunner.createTable` */
  | { readonly reason: string }

/**
 * Reads the statements that a revision sends to one type of database from the syntax tree of its file. No code runs. It
 * evaluates only unambiguous code: `queryRunner.query` with literals, constants of the file, `if` and `switch` over the
 * type of the database, loops over literal lists, and `batched`. Everything else (use of query results, TypeORM's own
 * methods, imported code) is known only when the revision runs.
 *
 * @param parser `oxc-parser`
 * @param file its extension decides the language
 * @param driverType `queryRunner.connection.options.type`
 * @example
 * const { statements } = readStatements(parser, path, text, 'AddUsers1763750000000', 'upgrade', 'postgres')
 */
export function readStatements(
  parser: typeof oxc,
  file: string,
  text: string,
  exportName: string,
  direction: Direction,
  driverType: string,
): MethodStatements {
  return statementsOf(parseSource(parser, file, text), text, exportName, direction, driverType)
}

function statementsOf(
  { program }: Parsed,
  text: string,
  exportName: string,
  direction: Direction,
  driverType: string,
): MethodStatements {
  const info = extractClasses(program).find((one) => one.exportName === exportName)?.info
  const name = direction === 'upgrade' ? 'up' : 'down'
  const method = info === undefined ? undefined : methodOf(info, name)
  if (info === undefined || method === undefined) return { reason: `${name}() is not written in the class itself` }
  try {
    const reader = new MethodReader(program, info, driverType)
    const statements = reader.read(method)
    const complete = reader.onlySends && info.node !== undefined && isSelfContained(program, info.node)
    return { statements, effects: reader.effects(), complete }
  } catch (error) {
    if (!(error instanceof OnlyWhenItRuns)) throw error
    const line = text.slice(0, error.start).split('\n').length
    return { reason: `line ${String(line)} ${error.what}` }
  }
}

function methodOf({ node }: ClassInfo, name: string): Method | undefined {
  for (const member of node?.body.body ?? []) {
    if (member.type !== 'MethodDefinition' && member.type !== 'PropertyDefinition') continue
    if (member.static || keyOf(member.key, member.computed) !== name) continue
    if (member.type === 'MethodDefinition') return member.value.body === null ? undefined : member.value
    const value = member.value === null ? null : bare(member.value)
    if (value?.type === 'ArrowFunctionExpression' || value?.type === 'FunctionExpression') return value
  }
  return undefined
}

/** The text of the file of a revision; undefined if it cannot be read. */
export function textOfFile({ path }: Pick<Revision, 'path'>): string | undefined {
  try {
    // A run reads thousands of small files: the asynchronous way would take most of its time.
    return readTextSync(path)
  } catch {
    // The file was deleted after it was listed, or the revision never had one.
    return undefined
  }
}

/**
 * Reads the statements of a revision with {@link readStatements}, and its checksum for the journal.
 *
 * @param text of its file, see {@link textOfFile}
 * @param driverType `queryRunner.connection.options.type`
 */
export async function statementsInText(
  revision: Pick<Revision, 'path' | 'exportName' | 'checksum'>,
  text: string | undefined,
  direction: Direction,
  driverType: string,
): Promise<MethodStatements & { readonly checksum?: string }> {
  const { path, exportName } = revision
  if (text === undefined) return { reason: 'its file cannot be read' }
  // Imported here because loading the parser takes longer than all the rest.
  const parsed = parseSource(await import('oxc-parser'), path, text)
  const found = statementsOf(parsed, text, exportName, direction, driverType)
  return { ...found, checksum: checksumOf(revision, text, parsed) }
}
