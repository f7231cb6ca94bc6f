import { violationText, type Need } from '../../../difference/needs'
import { doStatement, text } from '../literal'
import { quote, quoteName } from '../names'
import { violation } from './violation'

/** A SELECT that counts the rows violating a need; null where only the conversion itself detects them. */
export function countViolations(need: Need): string | null {
  const rows = violatingRows(need)
  return rows === null ? null : `SELECT count(*) AS n ${rows}`
}

/** A statement that fails while rows violate the need, and reports their number. */
export function guard(need: Need): string | null {
  const rows = violatingRows(need)
  if (rows === null) return null
  const code = [
    // A column may be called as the variable is, or as one of PL/pgSQL's own (`found`).
    '#variable_conflict use_column',
    'DECLARE n bigint; BEGIN',
    `  SELECT count(*) INTO n ${rows};`,
    '  IF n > 0 THEN',
    `    RAISE EXCEPTION ${text(`${violationText(need).replaceAll('%', '%%')}: %`)}, n`,
    `      USING ERRCODE = 'check_violation', HINT = 'Nothing was changed. Change these rows, then run it again.';`,
    '  END IF;',
    'END',
  ].join('\n')
  return doStatement(code)
}

/** FROM and WHERE of the rows that violate the need. */
function violatingRows(need: Need): string | null {
  const condition = violationCondition(need)
  if (condition === null) return null
  return `FROM ${quoteName(need.table)}${condition === '' ? '' : ` WHERE ${condition}`}`
}

/** A condition on the rows that violate the need; empty for all rows. */
function violationCondition({ kind, column, from, to, gone, kept = [] }: Need): string | null {
  const name = quote(column)
  switch (kind) {
    case 'noRows':
      return ''
    case 'noNulls':
      return `${name} IS NULL`
    case 'fits':
      return from === undefined || to === undefined ? null : violation(name, from, to)
    case 'values': {
      const list = (gone ?? kept).map(text).join(', ')
      if (from?.type.endsWith('[]') === true) {
        const array = `ARRAY[${list}]::text[]`
        return gone === undefined ? `NOT ${name}::text[] <@ ${array}` : `${name}::text[] && ${array}`
      }
      return `${name}::text ${gone === undefined ? 'NOT IN' : 'IN'} (${list})`
    }
  }
}
