import type { Node, RangeVar, TypeName } from 'libpg-query' with { 'resolution-mode': 'import' }

/** Shapes of PostgreSQL's raw parse tree: `{ SelectStmt: { … } }`. Fields at their zero value are absent from it. */

type KeysOf<T> = T extends unknown ? keyof T : never

export type NodeName = Extract<KeysOf<Node>, string>

export type BodyOf<N extends NodeName> = Extract<Node, Readonly<Record<N, unknown>>>[N]

/** A name as a statement writes it; unquoted letters are folded by the parser already. */
export interface WrittenName {
  readonly schema?: string
  readonly name: string
  /** It says that the relation is temporary (`CREATE TEMP TABLE`). */
  readonly temporary?: true
}

export function writtenIn(relation: RangeVar | undefined): WrittenName {
  const schema = relation?.schemaname
  return {
    name: relation?.relname ?? '',
    ...(schema !== undefined && { schema }),
    ...(relation?.relpersistence === 't' && { temporary: true }),
  }
}

/** The texts of String nodes, as qualified names have them: `['public', 'f']`. */
export function stringsOf(nodes: readonly Node[] | undefined): readonly string[] {
  return (nodes ?? []).flatMap((node) => ('String' in node ? [node.String.sval ?? ''] : []))
}

/** The last two parts of a qualified name; a database before them can only be the current one. */
export function writtenAs(parts: readonly string[]): WrittenName {
  const schema = parts.at(-2)
  return { name: parts.at(-1) ?? '', ...(schema !== undefined && { schema }) }
}

/** The parts of the name of an object that DROP or COMMENT names, in whatever node it does. */
export function partsOf(object: Node | undefined): readonly string[] {
  if (object === undefined) return []
  if ('String' in object) return [object.String.sval ?? '']
  if ('List' in object) return stringsOf(object.List.items)
  if ('TypeName' in object) return stringsOf(object.TypeName.names)
  if ('ObjectWithArgs' in object) return stringsOf(object.ObjectWithArgs.objname)
  if ('RangeVar' in object) return partsOfWritten(writtenIn(object.RangeVar))
  return []
}

function partsOfWritten({ schema, name }: WrittenName): readonly string[] {
  return schema === undefined ? [name] : [schema, name]
}

/** `a.b`, without the schema where it is `public`. */
export function displayParts(parts: readonly string[]): string {
  return (parts.length > 1 && parts[0] === 'public' ? parts.slice(1) : parts).join('.')
}

/** Option names of a list of DefElem nodes, with the text of what they are set to; null where nothing is. */
export function optionsOf(nodes: readonly Node[] | undefined): ReadonlyMap<string, string | null> {
  return new Map(
    (nodes ?? []).flatMap((node) =>
      'DefElem' in node ? [[node.DefElem.defname ?? '', textOf(node.DefElem.arg)]] : [],
    ),
  )
}

/** Whether an option such as FULL or CONCURRENTLY is on: named, and not set to false. */
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

/** PostgreSQL's own names of the types that SQL has other names for. */
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
