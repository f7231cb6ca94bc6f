import type { Schema } from './schema'

/**
 * The schema without the extensions that do not belong to it: it keeps those that something in it depends on, and those
 * in `named`. Others may belong to another user of the database, and TypeORM installs some when it connects.
 */
export function withCountedExtensions(schema: Schema, named: readonly string[] = []): Schema {
  const counted = new Set([...(schema.usedExtensions ?? []), ...named])
  return { ...schema, extensions: schema.extensions.filter((name) => counted.has(name)) }
}

/**
 * `actual` without the extensions that `wanted` does not have, and without the schemas in which there is nothing but these: only a
 * missing extension is a difference.
 */
export function withoutExtraExtensions(actual: Schema, wanted: Schema): Schema {
  const extensions = actual.extensions.filter((name) => wanted.extensions.includes(name))
  const { tables, enums, sequences, views, functions = [], domains = [] } = actual
  const held = new Set([tables, enums, sequences, views, functions, domains].flat().map(({ schema }) => schema))
  const places = new Set(Object.values(actual.extensionSchemas ?? {}))
  const schemas = actual.schemas.filter((name) => wanted.schemas.includes(name) || held.has(name) || !places.has(name))
  return { ...actual, extensions, schemas }
}

/** The schemas of the extensions of a schema. */
export function extensionPlaces({ extensions, extensionSchemas = {} }: Schema): readonly string[] {
  return extensions.flatMap((name) => extensionSchemas[name] ?? [])
}

/** The names of the extensions that a statement creates, also inside a `DO` block. */
export function extensionsMadeBy(sql: string): string[] {
  return [...sql.matchAll(/\bCREATE\s+EXTENSION\s+(?:IF\s+NOT\s+EXISTS\s+)?(?:"((?:[^"]|"")+)"|([\w$]+))/gi)].map(
    ([, quoted, bare = '']) => quoted?.replaceAll('""', '"') ?? bare.toLowerCase(),
  )
}
