import { firstWords, pieces } from '../sql/text'

/**
 * True for a statement whose whole effect is rows, or schema that the comparison of schemas sees. What it does not see
 * (rights, owners, storage, settings) has to be kept as it is written.
 */
export function isDescribed(sql: string): boolean {
  const [first = '', second = '', third = ''] = firstWords(sql, 3)
  switch (first) {
    case 'INSERT':
    case 'UPDATE':
    case 'DELETE':
    case 'TRUNCATE':
    case 'WITH':
    case 'REPLACE':
      return true
    case 'CREATE': {
      const kind = ['UNIQUE', 'OR', 'TEMP', 'TEMPORARY', 'UNLOGGED', 'MATERIALIZED'].includes(second) ? third : second
      return second !== 'UNLOGGED' && (made.has(kind) || kind === 'REPLACE')
    }
    case 'DROP':
      return made.has(second)
    case 'COMMENT':
      return true
    case 'ALTER':
      return altered.has(second) && !unseen.test(codeOf(sql))
    default:
      return false
  }
}

const made = new Set([
  ...['TABLE', 'INDEX', 'VIEW', 'MATERIALIZED', 'TYPE', 'DOMAIN', 'SEQUENCE', 'SCHEMA', 'EXTENSION'],
  ...['FUNCTION', 'PROCEDURE', 'TRIGGER', 'POLICY'],
])

const altered = new Set(['TABLE', 'INDEX', 'VIEW', 'MATERIALIZED', 'TYPE', 'DOMAIN', 'SEQUENCE'])

/** Of ALTER: what no introspection here reads. https://www.postgresql.org/docs/current/sql-altertable.html */
const unseen =
  /\b(?:OWNER\s+TO|REPLICA\s+IDENTITY|CLUSTER\s+ON|WITHOUT\s+CLUSTER|SET\s+\(|RESET\s+\(|SET\s+STATISTICS|SET\s+STORAGE|SET\s+COMPRESSION|SET\s+TABLESPACE|SET\s+(?:UN)?LOGGED|SET\s+ACCESS\s+METHOD|(?:DISABLE|ENABLE)\s+(?:(?:REPLICA|ALWAYS)\s+)?(?:TRIGGER|RULE)|INHERIT|NO\s+INHERIT|OF|NOT\s+OF)\b/i

/** Without strings, names in quotes and comments. */
function codeOf(sql: string): string {
  return pieces(sql)
    .map((piece) => (piece.kind === 'code' ? piece.text : ' '))
    .join('')
}
