import type { ColumnDef, Node, TypeName } from 'libpg-query' with { 'resolution-mode': 'import' }

import { mayBeVolatile } from './functions'
import { bodyOf, everyBody, stringsOf, typeText } from './nodes'
import { constraintsIn } from './tables'

/**
 * Which changes of columns rewrite their table: https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES,
 * and `ATExecAddColumn` and `ATColumnChangeRequiresRewrite` in
 * https://github.com/postgres/postgres/blob/master/src/backend/commands/tablecmds.c
 */

const serial = /^(?:small|big)?serial[248]?$/

/** Why a new column has another value in each row. */
export type ColumnRewrite = 'serial' | 'identity' | 'stored' | 'volatile default'

/** Why ADD COLUMN rewrites the table; empty if it does not. */
export function rewritesOf(column: ColumnDef | undefined): readonly ColumnRewrite[] {
  const found: ColumnRewrite[] = []
  if (serial.test(stringsOf(column?.typeName?.names).at(-1) ?? '')) found.push('serial')
  for (const { contype, raw_expr: expression, generated_kind: generated } of constraintsIn(column?.constraints)) {
    if (contype === 'CONSTR_IDENTITY') found.push('identity')
    if (contype === 'CONSTR_GENERATED' && generated !== 'v') found.push('stored')
    if (contype === 'CONSTR_DEFAULT' && volatileCallsIn(expression).length > 0) found.push('volatile default')
  }
  return found
}

/** The functions in an expression that may return another value for each row: the parts of their names. */
export function volatileCallsIn(expression: Node | undefined): readonly (readonly string[])[] {
  return everyBody(expression, 'FuncCall')
    .map(({ funcname }) => stringsOf(funcname))
    .filter(mayBeVolatile)
}

/**
 * What a change of type costs. `none`: nothing · `reindex`: the indexes of the column are rebuilt · `utc`: as `reindex` where the
 * time zone of the session is UTC, as `rewrite` elsewhere · `rewrite`: the table and its indexes are rebuilt · `unknown`: one of
 * the types is not known
 */
export type TypeChange = 'none' | 'reindex' | 'utc' | 'rewrite' | 'unknown'

/**
 * @param from the old type as `typeText` writes it; undefined if it is not known
 * @example
 * typeChange('character varying(50)', 'text') // 'none'
 */
export function typeChange(from: string | undefined, to: string): TypeChange {
  if (from === undefined) return 'unknown'
  if (from === to) return 'none'
  const [old, next] = [parsed(from), parsed(to)]
  if (old.array !== next.array || old.array !== '') return isKnown(old) && isKnown(next) ? 'rewrite' : 'unknown'
  if (old.base === next.base) return ofModifiers(old, next)
  const free = next.modifiers.length === 0
  switch (`${old.base} → ${next.base}`) {
    case 'character varying → text':
    case 'cidr → inet':
    case 'xml → text':
      return 'none'
    case 'text → character varying':
    case 'xml → character varying':
      return free ? 'none' : 'rewrite'
    case 'citext → text':
    case 'text → citext':
    case 'character varying → citext':
    case 'integer → oid':
    case 'oid → integer':
      return 'reindex'
    case 'citext → character varying':
    case 'bit → bit varying':
      return free ? 'reindex' : 'rewrite'
    case `${local} → ${zoned}`:
    case `${zoned} → ${local}`:
      return precisionOf(next) === mostPrecise ? 'utc' : 'rewrite'
    default:
      return isKnown(old) && isKnown(next) ? 'rewrite' : 'unknown'
  }
}

const local = 'timestamp without time zone'
const zoned = 'timestamp with time zone'

interface ParsedType {
  readonly base: string
  readonly modifiers: readonly number[]
  /** `[]` for each dimension. */
  readonly array: string
}

function parsed(type: string): ParsedType {
  const [, base = type, modifiers = '', array = ''] = /^(.*?)(?:\(([\d,]+)\))?((?:\[\])*)$/.exec(type) ?? []
  return { base, modifiers: modifiers === '' ? [] : modifiers.split(',').map(Number), array }
}

/** Between two forms of one type. */
function ofModifiers(old: ParsedType, next: ParsedType): TypeChange {
  const [from, to] = [old.modifiers, next.modifiers]
  switch (old.base) {
    case 'character varying':
    case 'bit varying':
      return to[0] === undefined || (from[0] !== undefined && to[0] >= from[0]) ? 'none' : 'rewrite'
    case 'numeric':
      if (to[0] === undefined) return 'none'
      return from[0] !== undefined && to[0] >= from[0] && (from[1] ?? 0) === (to[1] ?? 0) ? 'none' : 'rewrite'
    case 'interval':
      // The first number stands for fields such as DAY TO SECOND.
      if ((from[0] ?? allFields) !== allFields || (to[0] ?? allFields) !== allFields) return 'unknown'
      return precisionOf(next) >= precisionOf(old) ? 'none' : 'rewrite'
    case local:
    case zoned:
    case 'time without time zone':
    case 'time':
    case 'time with time zone':
      return precisionOf(next) >= precisionOf(old) ? 'none' : 'rewrite'
    default:
      return isKnown(old) ? 'rewrite' : 'unknown'
  }
}

const allFields = 32767
const mostPrecise = 6

/** Digits of a second. */
function precisionOf({ base, modifiers }: ParsedType): number {
  return modifiers[base === 'interval' ? 1 : 0] ?? mostPrecise
}

/** Types of pg_catalog between which there is no other free conversion. Any other name may be a domain over one of them. */
const known = new Set(
  (
    'bigint,bit,bit varying,boolean,box,bytea,character,character varying,cidr,circle,date,daterange,double precision,inet,int4range,' +
    'int8range,integer,interval,json,jsonb,line,lseg,macaddr,macaddr8,money,name,numeric,numrange,path,point,polygon,real,smallint,' +
    `text,time,time with time zone,${local},${zoned},tsquery,tsrange,tstzrange,tsvector,uuid,xml`
  ).split(','),
)

function isKnown({ base }: ParsedType): boolean {
  return known.has(base)
}

/** True if USING changes no value: it is the column itself, or the column cast to its new type. */
export function isPlainCast(using: Node, column: string, type: TypeName | undefined): boolean {
  const cast = bodyOf(using, 'TypeCast')
  if (cast !== undefined && typeText(cast.typeName) !== typeText(type)) return false
  const names = stringsOf(bodyOf(cast?.arg ?? using, 'ColumnRef')?.fields)
  return names.at(-1) === column
}
