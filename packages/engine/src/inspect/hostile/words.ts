import type { Attack } from '../../proof/hostile/attacks'
import type { Silent } from '../../proof/hostile/losses'
import type { GivenRow } from '../../proof/hostile/rows'
import { displayName } from '../../schema/schema'
import { quotedName } from '../../sql/tokens'

/** The longest value in a text. */
const longest = 30
/** The longest further example. */
const longestExample = 16

/** An SQL value as people write it: without the type that PostgreSQL needs. */
export function shown(sql: string): string {
  const number = /^'(-?\d+(?:\.\d+)?)'::(?:smallint|integer|bigint|numeric|real|double precision|money)\b/.exec(
    sql,
  )?.[1]
  if (number !== undefined) return number
  const plain = sql.replace(/^('(?:[^']|'')*'|[\w.+-]+)::[^']*$/u, '$1')
  const letters = [...plain]
  return letters.length > longest
    ? `${letters.slice(0, longest - 10).join('')}… (${String(letters.length - 2)} characters)`
    : plain
}

/** Why a revision fails, as a condition: `a name of users is NULL`. */
export function conditionText(attack: Attack, rows: readonly GivenRow[]): string {
  const { kind, columns, but, parent = '', together } = attack
  const table = displayName(attack.table)
  const names = columns.join(', ')
  switch (kind) {
    case 'null':
      return together === true && rows.length > 1
        ? `two rows have NULL in ${table}.${names}`
        : `a row has NULL in ${table}.${names}`
    case 'duplicate':
      return `two rows of ${table} have the same ${names}${but === 'case' ? ' in upper and lower case' : but === 'spaces' ? ' with and without a space at the end' : ''}`
    case 'orphan':
      return `a row of ${table} has a ${names} that is not in ${parent}`
    case 'self':
      return `a row of ${table} references itself by ${names}`
    case 'check':
    case 'value': {
      const [value, ...more] = values(attack, rows)
      const others = more.filter((one) => one.length <= longestExample)
      return `a row has ${value ?? 'a value'} in ${table}.${names}${others.length === 0 ? '' : ` (or ${others.slice(0, 2).join(', ')}${others.length > 2 ? ' …' : ''})`}`
    }
  }
}

function values({ columns: [column = ''] }: Attack, rows: readonly GivenRow[]): readonly string[] {
  return [...new Set(rows.flatMap((row) => row.get(column) ?? []).map(shown))]
}

/** What to do about rows that make it fail. */
export function helpText({ kind, table, columns, parent = '' }: Attack): string {
  const name = displayName(table)
  const [column = ''] = columns
  const quoted = quotedName(column)
  switch (kind) {
    case 'null':
      return `Fill it first: UPDATE ${quotedName(table.name)} SET ${quoted} = … WHERE ${quoted} IS NULL. \`create --backfill "${name}.${column}=<SQL expression>"\` writes that.`
    case 'duplicate':
      return `Merge or change such rows first: GROUP BY ${columns.map(quotedName).join(', ')} HAVING count(*) > 1 finds them.`
    case 'orphan':
      return `Delete such rows, or set ${columns.join(', ')} to NULL, first; or insert what is missing into ${parent}.`
    case 'self':
      return 'Handle rows that are their own parent.'
    case 'check':
      return 'Change such rows first, or choose a condition that all rows meet.'
    case 'value':
      return `Convert or remove such values first. \`create --using "${name}.${column}=<SQL expression>"\` writes a conversion.`
  }
}

/** What was lost without a word: `the upgrade changes '007' in users.zip to '7'`. */
export function silentText(
  { table, column, was, is, direction }: Silent & { readonly direction: string },
  condition: string,
): string {
  const name = displayName(table)
  const what = `the ${direction}`
  if (column === undefined) return `${what} loses rows of ${name} if ${condition}, and reports nothing`
  const [old, now] = [was[0], is[0]]
  const text = (value: string | null | undefined): string => (typeof value === 'string' ? shown(`'${value}'`) : 'NULL')
  if (is.length === 0) return `${what} loses ${text(old)} in ${name}.${column}, and reports nothing`
  return `${what} changes ${text(old)} in ${name}.${column} to ${text(now)}, and reports nothing`
}

/** Values that types allow and that hardly any table has. */
const rare = /^'?-?(?:nan|infinity)'?$|^'.* BC'$|^'-178000000 years'$|^'24:00:00\+15:59'$|^1e300$|^3e38$/i

/** Whether a row has such a value: what it shows is worth knowing, and no reason to stop. */
export function isRare(row: GivenRow): boolean {
  return [...row.values()].some((sql) => rare.test(shown(sql)))
}
