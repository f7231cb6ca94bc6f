import type { ResTarget } from 'libpg-query' with { 'resolution-mode': 'import' }

import { bodiesIn, bodyOf, stringsOf } from '../../../sql/postgres/nodes'
import type { Found } from '../../finding'
import { nameIn } from '../../postgres/catalog'
import type { PostgresSubject } from '../../postgres/subject'
import { columnsIn, constraintsIn } from '../../postgres/written'
import { defineRule } from '../../rule'

/** https://www.postgresql.org/docs/current/sql-createtable.html, https://www.postgresql.org/docs/current/sql-update.html */
export const duplicateColumn = defineRule({
  id: 'C18',
  name: 'duplicate-column',
  category: 'hygiene',
  severity: 'error',
  about: 'A column that is declared, assigned or indexed twice is a mistake, and in most statements an error.',
  postgres: {
    statement: (subject) => [...declared(subject), ...assigned(subject), ...constrained(subject), ...indexed(subject)],
  },
})

/** CREATE TABLE and ADD COLUMN */
function declared(subject: PostgresSubject): readonly Found[] {
  const { catalog } = subject
  const columns = columnsIn(subject).filter(
    ({ command }) => command === undefined || (command.subtype === 'AT_AddColumn' && command.missing_ok !== true),
  )
  return columns.flatMap(({ table, name, command }, at) => {
    const isTwice = columns.slice(0, at).some((one) => one.name === name)
    const isThere = command !== undefined && catalog.isHere(catalog.column(table, name)?.madeIn)
    if (!isTwice && !isThere) return []
    return [
      {
        message: `the statement fails: ${table.text} has column ${name} already`,
        help: isTwice ? 'Declare it once.' : 'An earlier statement of this revision adds it: leave one of them out.',
        table: table.text,
      },
    ]
  })
}

/** UPDATE and INSERT */
function assigned({ node }: PostgresSubject): readonly Found[] {
  const update = bodyOf(node, 'UpdateStmt')
  const insert = bodyOf(node, 'InsertStmt')
  const table = nameIn(update?.relation ?? insert?.relation)
  return [update?.targetList, insert?.cols, insert?.onConflictClause?.targetList].flatMap((targets) =>
    repeated(
      bodiesIn(targets, 'ResTarget')
        .filter(isWhole)
        .map(({ name = '' }) => name),
    ).map((name) => ({
      message: `the statement fails: it assigns ${table.text}.${name} twice`,
      help: 'Assign it once.',
      table: table.text,
    })),
  )
}

/** Elements of an array and fields of a composite value can be assigned one by one. */
function isWhole({ indirection }: ResTarget): boolean {
  return indirection === undefined
}

function constrained(subject: PostgresSubject): readonly Found[] {
  return constraintsIn(subject).flatMap(({ table, kind, constraint, label }) =>
    kind === 'CONSTR_UNIQUE' || kind === 'CONSTR_PRIMARY'
      ? repeated(stringsOf(constraint.keys)).map((name) => ({
          message: `the statement fails: column ${name} is twice in ${label} of ${table.text}`,
          help: 'Name it once.',
          table: table.text,
        }))
      : [],
  )
}

/** The server allows it in an index, where it is of no use. Another operator class or collation is another key. */
function indexed({ node }: PostgresSubject): readonly Found[] {
  const index = bodyOf(node, 'IndexStmt')
  const table = nameIn(index?.relation)
  const keys = bodiesIn(index?.indexParams, 'IndexElem').flatMap(({ name, opclass, collation }) =>
    name === undefined ? [] : [[name, ...stringsOf(opclass), '', ...stringsOf(collation)].join('\0')],
  )
  return repeated(keys).map((key) => {
    const [name = ''] = key.split('\0')
    return {
      message: `column ${name} is twice in ${index?.idxname === undefined ? 'an index' : `index ${index.idxname}`} of ${table.text}, which does not help any query`,
      help: 'Name it once.',
      table: table.text,
      severity: 'warning' as const,
    }
  })
}

/** The names that occur again, once each. */
function repeated(names: readonly string[]): readonly string[] {
  return [...new Set(names.filter((name, at) => names.indexOf(name) < at))]
}
