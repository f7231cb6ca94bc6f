import type { Schema } from './schema'

/**
 * The schema with those extensions that count: what something depends on, and what was asked for by name. Others that
 * are installed belong to the database, or to somebody else in it; TypeORM, too, installs some when it connects.
 */
export function withCountedExtensions(schema: Schema, named: readonly string[] = []): Schema {
  const counted = new Set([...(schema.usedExtensions ?? []), ...named])
  return { ...schema, extensions: schema.extensions.filter((name) => counted.has(name)) }
}

/** `actual` with no more extensions than `wanted` has: more of them are no difference, one that is missing is. */
export function withoutExtraExtensions(actual: Schema, wanted: Schema): Schema {
  return { ...actual, extensions: actual.extensions.filter((name) => wanted.extensions.includes(name)) }
}

/** Names of the extensions that a statement makes, also inside a `DO` block. */
export function extensionsMadeBy(sql: string): string[] {
  return [...sql.matchAll(/\bCREATE\s+EXTENSION\s+(?:IF\s+NOT\s+EXISTS\s+)?(?:"((?:[^"]|"")+)"|([\w$]+))/gi)].map(
    ([, quoted, bare = '']) => quoted?.replaceAll('""', '"') ?? bare.toLowerCase(),
  )
}
