import { firstWords, pieces } from '../sql/text'

/**
 * True for a statement that affects only rows, or only parts of the schema that the comparison of schemas covers.
 * Statements with other effects (rights, owners, storage, settings) must be copied unchanged.
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
      return second !== 'UNLOGGED' && (created.has(kind) || kind === 'REPLACE')
    }
    case 'DROP':
      return created.has(second)
    case 'COMMENT':
      return true
    case 'ALTER':
      return altered.has(second) && !unseen.test(codeOf(sql))
    default:
      return false
  }
}

const created = new Set([
  ...['TABLE', 'INDEX', 'VIEW', 'MATERIALIZED', 'TYPE', 'DOMAIN', 'SEQUENCE', 'SCHEMA', 'EXTENSION'],
  ...['FUNCTION', 'PROCEDURE', 'TRIGGER', 'POLICY'],
])

const altered = new Set(['TABLE', 'INDEX', 'VIEW', 'MATERIALIZED', 'TYPE', 'DOMAIN', 'SEQUENCE'])

/** Forms of ALTER that introspection does not read. https://www.postgresql.org/docs/current/sql-altertable.html */
const unseen =
  /\b(?:OWNER\s+TO|REPLICA\s+IDENTITY|CLUSTER\s+ON|WITHOUT\s+CLUSTER|SET\s+\(|RESET\s+\(|SET\s+STATISTICS|SET\s+STORAGE|SET\s+COMPRESSION|SET\s+TABLESPACE|SET\s+(?:UN)?LOGGED|SET\s+ACCESS\s+METHOD|(?:DISABLE|ENABLE)\s+(?:(?:REPLICA|ALWAYS)\s+)?(?:TRIGGER|RULE)|INHERIT|NO\s+INHERIT|OF|NOT\s+OF)\b/i

/** The statement without strings, quoted names and comments. */
function codeOf(sql: string): string {
  return pieces(sql)
    .map((piece) => (piece.kind === 'code' ? piece.text : ' '))
    .join('')
}
