import type { ObjectName } from '../../../schema/schema'

/** An identifier as the server prints it, and a dotted path of some, for regular expressions. */
export const identifier = String.raw`(?:"(?:[^"]|"")+"|[^\s".,();']+)`
export const path = String.raw`${identifier}(?:\.${identifier})*`

/**
 * The identifiers of a path, without quotes.
 *
 * @example identifiersOf('public."a b"') // ['public', 'a b']
 */
export function identifiersOf(path: string): readonly string[] {
  return [...path.matchAll(/"((?:[^"]|"")+)"|([^."]+)/g)].map(
    ([, quoted, bare = '']) => quoted?.replaceAll('""', '"') ?? bare,
  )
}

/** The name of a table or the like. That of the default schema has no schema. */
export function objectNameOf(path: string, defaultSchema: string): ObjectName {
  const [first = '', second] = identifiersOf(path)
  if (second === undefined) return { name: first }
  return first === defaultSchema ? { name: second } : { schema: first, name: second }
}

/**
 * Replaces the names of sequences that belong to a column by the name of this column: the server derives them from the names at
 * the time, nothing but the column uses them, and a rename of the table leaves them as they are.
 */
export function withoutSequenceNames(texts: readonly string[]): (text: string) => string {
  const owned = new RegExp(`^ALTER SEQUENCE (${path}) OWNED BY (${path})$`)
  const identity = new RegExp(
    `^ALTER TABLE (?:ONLY )?(${path}) ALTER COLUMN (${identifier}) ADD GENERATED .*\\bSEQUENCE NAME (${path})`,
  )
  const columns = new Map<string, string>()
  for (const text of texts) {
    const [, sequence, column] = owned.exec(text) ?? []
    if (sequence !== undefined && column !== undefined) columns.set(sequence, column)
    const [, table, of, name] = identity.exec(text) ?? []
    if (table !== undefined && of !== undefined && name !== undefined) columns.set(name, `${table}.${of}`)
  }
  if (columns.size === 0) return (text) => text
  const names = [...columns.keys()].map((name) => name.replace(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`))
  const any = new RegExp(`(?<![\\w$."])(?:${names.join('|')})(?![\\w$."])`, 'g')
  return (text) => text.replace(any, (name) => `"sequence of ${(columns.get(name) ?? name).replaceAll('"', '""')}"`)
}
