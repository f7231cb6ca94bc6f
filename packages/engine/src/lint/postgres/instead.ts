import { quotedName } from '../../sql/tokens'
import { columnsOfConstraint, nameOfConstraint } from './learn-table'
import type { AddedConstraint } from './commands'
import type { Name } from './facts'
import { alterText, columnText, withCommand, withoutName } from './rewrite'
import type { PostgresSubject } from './subject'

type Statement = Pick<PostgresSubject, 'sql' | 'start' | 'catalog'>

/** A statement without a constraint that it adds, and the constraint as a table writes it. */
interface Apart {
  /** What remains of the statement: none or one. */
  readonly rest: readonly string[]
  /** `ALTER TABLE "orders"`. */
  readonly head: string
  readonly name: string
  /** `CHECK ("total" > 0)`, without its name. */
  readonly text: string
  /** The statement with another text for the constraint; absent for one of a new column. */
  readonly within?: (text: string) => readonly string[]
}

function apart({ sql, start, catalog }: Statement, added: AddedConstraint): Apart | undefined {
  const parts = alterText(sql)
  const command = parts?.commands[added.position]
  if (parts === undefined || command === undefined) return undefined
  const { constraint, column, table, position } = added
  const name = nameOfConstraint(catalog, table, constraint, column?.colname)
  const { head } = parts
  if (column === undefined)
    return {
      head,
      name,
      text: withoutName(command.replace(/^ADD\s*/i, '')),
      rest: withCommand(parts, position),
      within: (text) => withCommand(parts, position, `ADD ${text}`),
    }
  const { definition, constraints } = columnText({ sql, start }, command, column)
  const own = constraints.find((one) => one.constraint === constraint)
  if (own === undefined) return undefined
  const others = constraints.flatMap((one) => (one === own ? [] : one.text))
  const written = withoutName(own.text)
  return {
    head,
    name,
    text:
      constraint.contype === 'CONSTR_FOREIGN'
        ? `FOREIGN KEY (${quotedName(column.colname ?? '')}) ${written}`
        : written,
    rest: withCommand(parts, position, [definition, ...others].join(' ')),
  }
}

/** Adds the constraint NOT VALID, and validates it. */
export function notValidThenValidate(subject: Statement, added: AddedConstraint): readonly string[] | undefined {
  const found = apart(subject, added)
  if (found === undefined) return undefined
  const { rest, head, name, text, within } = found
  const constraint = `CONSTRAINT ${quotedName(name)} ${text} NOT VALID`
  return [
    ...(within === undefined ? [...rest, `${head} ADD ${constraint}`] : within(constraint)),
    validate(added.table, name),
  ]
}

export function validate(table: Name, constraint: string): string {
  return `ALTER TABLE ${table.sql} VALIDATE CONSTRAINT ${quotedName(constraint)}`
}

/** Builds the index of a UNIQUE or PRIMARY KEY constraint CONCURRENTLY, and makes it the constraint. */
export function byIndex(subject: Statement, added: AddedConstraint): readonly string[] | undefined {
  const found = apart(subject, added)
  if (found === undefined) return undefined
  const { rest, head, name, text } = found
  const { constraint, table } = added
  const columns = columnsOfConstraint(subject.catalog, constraint, added.column?.colname)
  const kind = constraint.contype === 'CONSTR_PRIMARY' ? 'PRIMARY KEY' : 'UNIQUE'
  const [index, attributes] = partsOfIndex(text, columns)
  return [
    ...rest,
    `CREATE UNIQUE INDEX CONCURRENTLY ${quotedName(name)} ON ${table.sql} ${index}`,
    [`${head} ADD CONSTRAINT ${quotedName(name)} ${kind} USING INDEX ${quotedName(name)}`, ...attributes].join(' '),
  ]
}

/** What CREATE INDEX takes over from the text of a constraint, in its own order, and what stays with the constraint. */
function partsOfIndex(text: string, columns: readonly string[]): readonly [string, readonly string[]] {
  const nulls = /\bNULLS\s+NOT\s+DISTINCT\b/i.test(text) ? ' NULLS NOT DISTINCT' : ''
  const include = /\bINCLUDE\s*\([^)]*\)/i.exec(text)?.[0]
  const storage = /\bWITH\s*\([^)]*\)/i.exec(text)?.[0]
  const space = /\bUSING\s+INDEX\s+(TABLESPACE\s+(?:"(?:[^"]|"")*"|\w+))/i.exec(text)?.[1]
  const deferrable = /\b(?:NOT\s+)?DEFERRABLE\b/i.exec(text)?.[0]
  const initially = /\bINITIALLY\s+\w+/i.exec(text)?.[0]
  const list = `(${columns.map(quotedName).join(', ')})`
  const index = [list, include, nulls.trim() || undefined, storage, space].filter((part) => part !== undefined)
  return [index.join(' '), [deferrable, initially].filter((part) => part !== undefined)]
}

/** PostgreSQL 18 has NOT NULL constraints that can be NOT VALID. */
const notNullConstraints = 18

/** Sets a column NOT NULL so that no row is checked under a lock that blocks others. */
export function notNullStatements(
  { server }: Pick<PostgresSubject, 'server'>,
  table: Name,
  column: string,
): readonly string[] {
  const alter = `ALTER TABLE ${table.sql}`
  const quoted = quotedName(column)
  if (server >= notNullConstraints) {
    const name = `${table.name}_${column}_not_null`
    return [`${alter} ADD CONSTRAINT ${quotedName(name)} NOT NULL ${quoted} NOT VALID`, validate(table, name)]
  }
  const name = `${table.name}_${column}_not_null_check`
  return [
    `${alter} ADD CONSTRAINT ${quotedName(name)} CHECK (${quoted} IS NOT NULL) NOT VALID`,
    validate(table, name),
    `${alter} ALTER COLUMN ${quoted} SET NOT NULL`,
    `${alter} DROP CONSTRAINT ${quotedName(name)}`,
  ]
}
