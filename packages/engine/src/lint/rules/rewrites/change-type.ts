import type { Found } from '../../finding'
import { commandsIn } from '../../postgres/commands'
import type { Catalog } from '../../postgres/catalog'
import type { Name } from '../../postgres/facts'
import { changedType, type ChangedType } from '../../postgres/work'
import { defineRule } from '../../rule'

const help =
  'Add a column of the new type, write both, copy the rows in batches (docs/data-migrations.md), and switch in a later release.'

/** https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES */
export const changeType = defineRule({
  id: 'W1',
  name: 'change-type',
  category: 'rewrites',
  severity: 'error',
  about: 'Most changes of a type rewrite the table, which blocks its reads and writes until they are done.',
  postgres: {
    statement(subject) {
      return commandsIn(subject).flatMap((command) => {
        const changed = changedType(subject, command)
        const found = changed === undefined ? undefined : foundFor(subject.catalog, command.table, changed)
        return found === undefined ? [] : [{ ...found, table: command.table.text, grows: true }]
      })
    },
  },
})

function foundFor(catalog: Catalog, table: Name, { column, from, to, change }: ChangedType): Found | undefined {
  const what = `changing ${table.text}.${column} ${from === undefined ? '' : `from ${from} `}to ${to}`
  const blocked = 'while nobody can read or write it'
  switch (change) {
    case 'rewrite':
      return { message: `${what} rewrites ${table.text} ${blocked}`, help }
    case 'unknown':
      return {
        message: `${what} may rewrite ${table.text} ${blocked}`,
        help: `No revision shows the old type. If it is not one that the server can keep, such as a shorter varchar: ${lowerFirst(help)}`,
        severity: 'warning',
      }
    case 'utc':
      return {
        message: `${what} rewrites ${table.text} ${blocked}, unless the time zone of the session is UTC`,
        help: "If the values without a time zone are in UTC, put SET LOCAL TimeZone TO 'UTC' before it: then only indexes are rebuilt.",
        severity: 'warning',
      }
    case 'reindex':
      return hasIndex(catalog, table, column)
        ? {
            message: `${what} rebuilds the indexes of ${column} while nobody can read or write ${table.text}`,
            help: 'Drop these indexes before, and build them again CONCURRENTLY after it.',
            severity: 'warning',
          }
        : undefined
    case 'none':
      return undefined
  }
}

function hasIndex(catalog: Catalog, table: Name, column: string): boolean {
  const constraints = [...(catalog.table(table)?.constraints.values() ?? [])]
  return (
    catalog.indexesOf(table).some(({ columns }) => columns.includes(column)) ||
    constraints.some(({ kind, columns }) => /unique|primary/.test(kind) && columns.includes(column))
  )
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
