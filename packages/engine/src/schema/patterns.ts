import { AludelError, type ErrorCode } from '../errors'
import { displayName, type ObjectName } from './schema'
import type { IsUnmanaged, UnmanagedKind } from './unmanaged'

/** Every word allowed before the colon, with an example of a name. */
const kinds: Readonly<Record<UnmanagedKind, string>> = {
  table: 'posts',
  column: 'posts.search',
  primaryKey: 'posts.pk_posts',
  unique: 'posts.uq_title',
  check: 'posts.ck_title',
  exclusion: 'posts.xcl_room',
  foreignKey: 'posts.fk_author',
  index: 'posts.ix_body',
  trigger: 'posts.touch',
  policy: 'posts.own_rows',
  partition: 'posts.posts_2024',
  view: 'report',
  enum: 'mood',
  sequence: 'ticket_numbers',
  function: 'touch()',
  domain: 'email',
  schema: 'audit',
  extension: 'postgis',
}

/** The kinds of objects that belong to a table or a view. */
const attached: ReadonlySet<UnmanagedKind> = new Set([
  'column',
  'primaryKey',
  'unique',
  'check',
  'exclusion',
  'foreignKey',
  'index',
  'trigger',
  'policy',
  'partition',
])

export const objectKinds = Object.keys(kinds) as readonly UnmanagedKind[]

/** The origin of a pattern, for errors. */
interface PatternSource {
  readonly code: ErrorCode
  /** `aludel.config.json: unmanaged`, `--keep` */
  readonly where: string
}

/**
 * Reads patterns of the form `kind:name`, in which `*` matches any text.
 *
 * An object of a table is named with its table (`index:posts.ix_body`) or alone (`index:ix_*`). Any other object outside
 * the default schema is named with its schema (`table:audit.log`); `public.` is the default schema. A function is named
 * with its argument types, or without parentheses for any types. `schema:audit` also matches all objects in the schema.
 *
 * @throws AludelError with the code of `source` if a text is not a pattern
 * @example
 * const isUnmanaged = readPatterns(['index:posts.ix_*_gin', 'table:legacy_*'], { code: 'ALUDEL_CONFIG', where: 'unmanaged' })
 * isUnmanaged('table', undefined, 'legacy_users') // true
 */
export function readPatterns(patterns: readonly string[], source: PatternSource): IsUnmanaged {
  const parsed = patterns.map((pattern) => parsePattern(pattern, source))
  return (kind, table, name) =>
    parsed.some((pattern) => pattern.matches(kind, table, name)) ||
    parsed.some((pattern) => pattern.kind === 'schema' && isInSchema(pattern, kind, table, name))
}

/** True for an object for which one of the tests is true. */
export function anyOf(...tests: readonly IsUnmanaged[]): IsUnmanaged {
  return (kind, table, name) => tests.some((test) => test(kind, table, name))
}

/** The pattern that matches exactly one object. */
export function patternOf(kind: UnmanagedKind, table: ObjectName | undefined, name: string): string {
  return `${kind}:${table === undefined ? name : `${displayName(table)}.${name}`}`
}

interface Pattern {
  readonly kind: UnmanagedKind
  readonly glob: RegExp
  matches(kind: UnmanagedKind, table: ObjectName | undefined, name: string): boolean
}

function parsePattern(text: unknown, { code, where }: PatternSource): Pattern {
  const [, word = '', name = ''] = typeof text === 'string' ? (/^([^:]*):([\s\S]+)$/.exec(text) ?? []) : []
  const kind = objectKinds.find((candidate) => candidate === word)
  if (kind === undefined || name.trim() === '') {
    const examples = objectKinds.map((candidate) => `${candidate}:${kinds[candidate]}`)
    throw new AludelError(code, `${where}: ${JSON.stringify(text)} is not a pattern of the form kind:name`, {
      help: `Examples: ${examples.slice(0, 9).join(', ')},\n${examples.slice(9).join(', ')}. * matches any text.`,
      details: { pattern: text },
    })
  }
  const glob = globOf(name)
  const alone = !name.includes('.')
  return {
    kind,
    glob,
    matches: (other, table, own) =>
      other === kind && spellings(other, table, own, alone).some((spelled) => glob.test(spelled)),
  }
}

function globOf(name: string): RegExp {
  const parts = name
    .trim()
    .split('*')
    .map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, '\\$&'))
  return new RegExp(`^${parts.join('[\\s\\S]*')}$`)
}

/** The names with which a pattern may refer to the object. */
function spellings(kind: UnmanagedKind, table: ObjectName | undefined, name: string, alone: boolean): string[] {
  const names = kind === 'function' ? [name, name.replace(/\([\s\S]*$/, '')] : [name]
  if (!attached.has(kind) || table === undefined) return names.flatMap((text) => [text, `public.${text}`])
  const full = `${displayName(table)}.${name}`
  return [full, ...(table.schema === undefined ? [`public.${full}`] : []), ...(alone ? [name] : [])]
}

/** True if the object is in a schema that the pattern matches. */
function isInSchema({ glob }: Pattern, kind: UnmanagedKind, table: ObjectName | undefined, name: string): boolean {
  if (kind === 'schema' || kind === 'extension') return false
  if (table !== undefined) return table.schema !== undefined && glob.test(table.schema)
  const dot = name.indexOf('.')
  return dot > 0 && glob.test(name.slice(0, dot))
}
