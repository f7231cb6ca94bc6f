import type { Node, ObjectType, RangeVar, TypeName } from 'libpg-query' with { 'resolution-mode': 'import' }

import type { WrittenName } from '../reader'

/** Shapes of PostgreSQL's raw parse tree: `{ SelectStmt: { … } }`. Fields with their zero value are absent. */

type KeysOf<T> = T extends unknown ? keyof T : never

export type NodeName = Extract<KeysOf<Node>, string>

export type BodyOf<N extends NodeName> = Extract<Node, Readonly<Record<N, unknown>>>[N]

/** The body of a node of this kind; undefined for any other node. */
export function bodyOf<N extends NodeName>(node: Node | undefined, name: N): BodyOf<N> | undefined {
  const bodies: Readonly<Partial<Record<string, unknown>>> = node ?? {}
  return bodies[name] as BodyOf<N> | undefined
}

/** The bodies of the nodes of this kind in a list. */
export function bodiesIn<N extends NodeName>(nodes: readonly Node[] | undefined, name: N): readonly BodyOf<N>[] {
  return (nodes ?? []).flatMap((node) => bodyOf(node, name) ?? [])
}

/** The bodies of the nodes of this kind in a tree, at any depth. */
export function everyBody<N extends NodeName>(value: unknown, name: N): readonly BodyOf<N>[] {
  if (Array.isArray(value)) return value.flatMap((one) => everyBody(one, name))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => [
    ...(key === name ? [inner as BodyOf<N>] : []),
    ...everyBody(inner, name),
  ])
}

/** The name of a table, view, index or sequence. The parser has folded letters without quotes. */
export interface RelationName extends WrittenName {
  /** Declared as temporary: `CREATE TEMP TABLE`. */
  readonly temporary?: boolean
}

export function writtenIn(relation: RangeVar | undefined): RelationName {
  const { schemaname: schema, relname: name = '', relpersistence } = relation ?? {}
  return { schema, name, temporary: relpersistence === 't' }
}

/** The texts of String nodes, as qualified names have them: `['public', 'f']`. */
export function stringsOf(nodes: readonly Node[] | undefined): readonly string[] {
  return bodiesIn(nodes, 'String').map(({ sval = '' }) => sval)
}

/** The last two parts of a qualified name; a database before them can only be the current one. */
export function writtenAs(parts: readonly string[]): RelationName {
  return { schema: parts.at(-2), name: parts.at(-1) ?? '' }
}

/** The parts of the name of an object of DROP or COMMENT, whichever node contains it. */
export function partsOf(object: Node | undefined): readonly string[] {
  if (object === undefined) return []
  if ('String' in object) return [object.String.sval ?? '']
  if ('List' in object) return stringsOf(object.List.items)
  if ('TypeName' in object) return stringsOf(object.TypeName.names)
  if ('ObjectWithArgs' in object) return stringsOf(object.ObjectWithArgs.objname)
  if ('RangeVar' in object) return partsIn(object.RangeVar)
  return []
}

/** The parts of the name of a relation. */
export function partsIn(relation: RangeVar | undefined): readonly string[] {
  const { schema, name } = writtenIn(relation)
  return schema === undefined ? [name] : [schema, name]
}

/** `a.b`, without the schema `public`. */
export function displayParts(parts: readonly string[]): string {
  return (parts.length > 1 && parts[0] === 'public' ? parts.slice(1) : parts).join('.')
}

/** The options in a list of DefElem nodes: their names, and their values as text or null. */
export function optionsOf(nodes: readonly Node[] | undefined): ReadonlyMap<string, string | null> {
  return new Map(bodiesIn(nodes, 'DefElem').map(({ defname = '', arg }) => [defname, textOf(arg)]))
}

/** True if an option such as FULL or CONCURRENTLY is named and not set to false. */
export function isOn(options: ReadonlyMap<string, string | null>, name: string): boolean {
  const value = options.get(name)
  return value !== undefined && !/^(?:false|off|0|no)$/i.test(value ?? 'true')
}

/** The text of a constant; null for anything else. */
export function textOf(node: Node | undefined): string | null {
  if (node === undefined) return null
  if ('String' in node) return node.String.sval ?? ''
  if ('Integer' in node) return String(node.Integer.ival ?? 0)
  if ('Boolean' in node) return String(node.Boolean.boolval ?? false)
  if ('A_Const' in node) {
    const { sval, ival, boolval } = node.A_Const
    if (sval !== undefined) return sval.sval ?? ''
    if (boolval !== undefined) return String(boolval.boolval ?? false)
    if (ival !== undefined) return String(ival.ival ?? 0)
  }
  return null
}

/** PostgreSQL's internal type names that differ from their names in SQL. */
const sqlTypes: Readonly<Record<string, string>> = {
  bool: 'boolean',
  bpchar: 'character',
  float4: 'real',
  float8: 'double precision',
  int2: 'smallint',
  int4: 'integer',
  int8: 'bigint',
  timestamp: 'timestamp without time zone',
  timestamptz: 'timestamp with time zone',
  timetz: 'time with time zone',
  varbit: 'bit varying',
  varchar: 'character varying',
}

/** `character varying(50)`, `integer[]`. */
export function typeText(type: TypeName | undefined): string {
  const parts = stringsOf(type?.names)
  const name = parts.at(-1) ?? ''
  const text = parts.length > 1 && parts[0] !== 'pg_catalog' ? displayParts(parts) : (sqlTypes[name] ?? name)
  const numbers = (type?.typmods ?? []).flatMap((node) => textOf(node) ?? [])
  return `${text}${numbers.length === 0 ? '' : `(${numbers.join(',')})`}${(type?.arrayBounds ?? []).map(() => '[]').join('')}`
}

/** True for `text` and for `character varying` without a limit, which hold every value. */
export function isUnboundedText(type: TypeName | undefined): boolean {
  return /^(?:text|character varying)$/.test(typeText(type))
}

const objectWords: Readonly<Partial<Record<ObjectType, string>>> = {
  OBJECT_DOMCONSTRAINT: 'constraint',
  OBJECT_FDW: 'foreign data wrapper',
  OBJECT_FOREIGN_SERVER: 'server',
  OBJECT_MATVIEW: 'materialized view',
  OBJECT_OPCLASS: 'operator class',
  OBJECT_OPFAMILY: 'operator family',
  OBJECT_STATISTIC_EXT: 'statistics',
  OBJECT_TABCONSTRAINT: 'constraint',
  OBJECT_TSCONFIGURATION: 'text search configuration',
  OBJECT_TSDICTIONARY: 'text search dictionary',
  OBJECT_TSPARSER: 'text search parser',
  OBJECT_TSTEMPLATE: 'text search template',
}

/** The words of a statement for a kind of object. `OBJECT_FOREIGN_TABLE`: `foreign table`. */
export function wordsOf(type: ObjectType): string {
  return objectWords[type] ?? type.slice('OBJECT_'.length).toLowerCase().replaceAll('_', ' ')
}
