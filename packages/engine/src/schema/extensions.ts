import type { Schema } from './schema'

/**
 * The schema without the extensions that do not belong to it: it keeps those that something in it depends on, and those
 * in `named`. Others may belong to another user of the database, and TypeORM installs some when it connects.
 */
export function withCountedExtensions(schema: Schema, named: readonly string[] = []): Schema {
  const counted = new Set([...(schema.usedExtensions ?? []), ...named])
  return { ...schema, extensions: schema.extensions.filter((name) => counted.has(name)) }
}

/** `actual` without the extensions that `wanted` does not have: only a missing extension is a difference. */
export function withoutExtraExtensions(actual: Schema, wanted: Schema): Schema {
  return { ...actual, extensions: actual.extensions.filter((name) => wanted.extensions.includes(name)) }
}

/** The names of the extensions that a statement creates, also inside a `DO` block. */
export function extensionsMadeBy(sql: string): string[] {
  return [...sql.matchAll(/\bCREATE\s+EXTENSION\s+(?:IF\s+NOT\s+EXISTS\s+)?(?:"((?:[^"]|"")+)"|([\w$]+))/gi)].map(
    ([, quoted, bare = '']) => quoted?.replaceAll('""', '"') ?? bare.toLowerCase(),
  )
}
