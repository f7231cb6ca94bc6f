import { quotedName } from '../../../sql/tokens'
import type { Found } from '../../finding'
import type { Catalog } from '../../postgres/catalog'
import type { Name } from '../../postgres/facts'
import { constraintsIn } from '../../postgres/written'
import { defineRule } from '../../rule'

/** https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK */
export const foreignKeyWithoutIndex = defineRule({
  id: 'C9',
  name: 'foreign-key-without-index',
  category: 'style',
  severity: 'info',
  about: 'Without an index on a foreign key, deleting a referenced row reads the whole table of the key.',
  postgres: {
    // The index may be created after the key.
    step(step, subjects) {
      if (step.direction === 'downgrade') return undefined
      return subjects.flatMap((subject) =>
        constraintsIn(subject).flatMap(({ table, kind, columns, label }): readonly Found[] => {
          const { catalog, index } = subject
          // Of other tables it is not known which indexes they have.
          if (kind !== 'CONSTR_FOREIGN' || catalog.table(table)?.complete !== true) return []
          if (hasIndex(catalog, table, columns)) return []
          const own = label === 'a constraint' ? `${table.text}.${columns.join(', ')}` : label
          const message = `deleting a row that ${own} references reads all of ${table.text}, because no index begins with ${columns.join(', ')}`
          const on = `ON ${table.sql} (${columns.map(quotedName).join(', ')})`
          if (!catalog.isNew(table))
            return [
              {
                index,
                message,
                help: `Create one before, in a revision of its own with \`transaction = false\`: CREATE INDEX CONCURRENTLY ${on}.`,
                table: table.text,
              },
            ]
          return [
            {
              index,
              message,
              help: 'Create an index on the columns of the foreign key.',
              instead: [subject.sql, `CREATE INDEX ${on}`],
              table: table.text,
            },
          ]
        }),
      )
    },
  },
})

/** True if an index begins with these columns, in any order. */
function hasIndex(catalog: Catalog, table: Name, columns: readonly string[]): boolean {
  const lists = [
    ...catalog.indexesOf(table).map((index) => index.columns),
    ...[...(catalog.table(table)?.constraints.values() ?? [])]
      .filter(({ kind }) => kind === 'unique' || kind === 'primary key')
      .map((constraint) => constraint.columns),
  ]
  return lists.some((list) => {
    const first = list.slice(0, columns.length)
    return first.length === columns.length && columns.every((column) => first.includes(column))
  })
}
