import type { Column, ObjectName, SequenceOptions } from '../../../schema/schema'
import { canonicalExpression } from '../expression'
import { isHidden } from '../keep/names'
import { nameOf, quoteName } from '../names'
import { unusualOptions } from '../sequence-options'
import { collationName } from './fragments'

export interface ColumnRow {
  readonly relation: string
  readonly name: string
  /** As `format_type` prints it. */
  readonly type: string
  /** Id of the enum type of the column, or of its elements. */
  readonly enum: string | null
  readonly notNull: boolean
  /** The default, or the expression of a generated column. */
  readonly expression: string | null
  /** Ids of the sequences that the default uses. */
  readonly feeds: readonly string[]
  /** `a` always, `d` by default. */
  readonly identity: '' | 'a' | 'd'
  /** `s` stored, `v` virtual (PostgreSQL 18). */
  readonly generated: '' | 's' | 'v'
  readonly collation: string | null
  readonly comment: string | null
  /** The sequence of an identity column. */
  readonly sequence:
    ({ readonly type: string; readonly schema: string | null; readonly name: string } & SequenceOptions) | null
}

export const columnsSql = `
  SELECT a.attrelid::text AS relation, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
    CASE 'e' WHEN t.typtype THEN t.oid::text WHEN element.typtype THEN element.oid::text END AS enum,
    a.attnotnull AS "notNull", pg_get_expr(d.adbin, d.adrelid, true) AS expression,
    (
      SELECT coalesce(json_agg(used.refobjid::text), '[]') FROM pg_catalog.pg_depend used
      WHERE used.classid = 'pg_catalog.pg_attrdef'::regclass AND used.objid = d.oid
        AND used.refclassid = 'pg_catalog.pg_class'::regclass AND used.refobjid <> a.attrelid
    ) AS feeds,
    a.attidentity AS identity, a.attgenerated AS generated,
    CASE WHEN a.attcollation <> t.typcollation THEN ${collationName('a.attcollation')} END AS collation,
    col_description(a.attrelid, a.attnum) AS comment,
    CASE WHEN a.attidentity <> '' THEN (
      SELECT json_build_object('type', format_type(s.seqtypid, NULL), 'start', s.seqstart::text, 'increment', s.seqincrement::text,
        'min', s.seqmin::text, 'max', s.seqmax::text, 'cycle', s.seqcycle,
        'schema', counter.schema, 'name', counter.name)
      FROM pg_catalog.pg_depend owned JOIN pg_catalog.pg_sequence s ON s.seqrelid = owned.objid
      JOIN relations counter ON counter.oid = owned.objid
      WHERE owned.classid = 'pg_catalog.pg_class'::regclass AND owned.refclassid = 'pg_catalog.pg_class'::regclass
        AND owned.refobjid = a.attrelid AND owned.refobjsubid = a.attnum AND owned.deptype = 'i'
    ) END AS sequence
  FROM pg_catalog.pg_attribute a
  JOIN relations r ON r.oid = a.attrelid AND r.kind IN ('r', 'p')
  JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_catalog.pg_type element ON element.oid = t.typelem AND t.typcategory = 'A'
  LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE a.attnum > 0 AND NOT a.attisdropped AND NOT ${isHidden('a.attname')}
  ORDER BY a.attrelid, a.attnum`

/** The sequence of a serial column, with its options where they are not the defaults. */
interface OwnedSequence {
  readonly name: ObjectName
  readonly options: Partial<SequenceOptions> | undefined
}

/**
 * @param enums names by id
 * @param owned the sequence, by its id, when it belongs to this very column
 */
export function buildColumn(
  row: ColumnRow,
  enums: ReadonlyMap<string, ObjectName>,
  owned: (sequence: string) => OwnedSequence | undefined,
): Column {
  const enumName = row.enum === null ? undefined : enums.get(row.enum)
  const expression = row.expression === null ? undefined : canonicalExpression(row.expression)
  const fed =
    expression !== undefined && isNextval(expression)
      ? row.feeds.map(owned).find((name) => name !== undefined)
      : undefined
  const sequence = row.sequence === null ? fed?.options : unusualOptions(row.sequence)
  return {
    name: row.name,
    type: enumName === undefined ? row.type : `${quoteName(enumName)}${row.type.endsWith('[]') ? '[]' : ''}`,
    enum: enumName,
    nullable: !row.notNull,
    default: row.generated === '' && fed === undefined ? expression : undefined,
    identity: row.identity === '' ? undefined : row.identity === 'a' ? 'always' : 'by default',
    serial: fed?.name,
    identitySequence: row.sequence === null ? undefined : nameOf(row.sequence),
    sequence,
    generated:
      expression === undefined || row.generated === ''
        ? undefined
        : { expression, kind: row.generated === 'v' ? 'virtual' : 'stored' },
    collation: row.collation ?? undefined,
    comment: row.comment ?? undefined,
  }
}

/** A default that is the next value of one sequence and nothing else. */
function isNextval(expression: string): boolean {
  return /^nextval\('(?:[^']|'')+'::regclass\)$/.test(expression)
}
