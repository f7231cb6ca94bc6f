import type { Node } from 'libpg-query' with { 'resolution-mode': 'import' }

import { bodyOf } from '../../../sql/postgres/nodes'
import type { Found } from '../../finding'
import { type Catalog, nameIn, nameOf } from '../../postgres/catalog'
import type { Name } from '../../postgres/facts'
import type { PostgresSubject } from '../../postgres/subject'
import { createdIn } from '../../postgres/written'
import { defineRule } from '../../rule'

/**
 * A view that only selects from a table can be written to, too:
 * https://www.postgresql.org/docs/current/sql-createview.html#SQL-CREATEVIEW-UPDATABLE-VIEWS
 */
export const renameTable = defineRule({
  id: 'B2',
  name: 'rename-table',
  category: 'compatibility',
  severity: 'error',
  about:
    'Running code still uses the old name of a renamed table. A view of the old name serves it until it is replaced.',
  postgres: {
    // Not before the end of the step is it known whether something else takes the old name.
    step(_, subjects) {
      const made = new Set<string>()
      return subjects.flatMap((subject): readonly Found[] => {
        const { node, catalog } = subject
        const created = createdIn(node)
        if (created !== undefined) made.add(created.key)
        const move = moveIn(subject)
        if (move === undefined) return []
        const { from, to } = move
        const isOurs = made.delete(from.key)
        made.add(to.key)
        // A name of this step, which nobody uses yet.
        if (isOurs) return []
        if (catalog.isNew(from) || catalog.undoesRename('table', from.key)) return []
        return [found(subject, from, to)]
      })
    },
  },
})

const relations = new Set(['OBJECT_TABLE', 'OBJECT_VIEW', 'OBJECT_MATVIEW', 'OBJECT_FOREIGN_TABLE'])

interface Move {
  readonly from: Name
  readonly to: Name
}

function moveIn({ node, catalog }: { readonly node: Node; readonly catalog: Catalog }): Move | undefined {
  const rename = bodyOf(node, 'RenameStmt')
  if (rename !== undefined && relations.has(rename.renameType ?? '')) {
    const from = nameIn(rename.relation)
    const to = nameOf([from.schema, rename.newname ?? ''])
    // ALTER TABLE renames indexes, too.
    return (catalog.index(from) ?? catalog.index(to)) ? undefined : { from, to }
  }
  const move = bodyOf(node, 'AlterObjectSchemaStmt')
  if (!relations.has(move?.objectType ?? '')) return undefined
  const from = nameIn(move?.relation)
  return { from, to: nameOf([move?.newschema ?? '', from.name]) }
}

function found({ node, sql, index }: PostgresSubject, from: Name, to: Name): Found {
  const isOptional = bodyOf(node, 'RenameStmt')?.missing_ok ?? bodyOf(node, 'AlterObjectSchemaStmt')?.missing_ok
  return {
    index,
    message: `renaming ${from.text} to ${to.text} breaks running code, which uses the old name until it is replaced`,
    help:
      'Create a view of the old name in the same transaction, and drop it in a later release: running code can read and write ' +
      'through it. Roles other than the owner need rights on it.',
    ...(isOptional !== true && { instead: [sql, `CREATE VIEW ${from.sql} AS SELECT * FROM ${to.sql}`] }),
    table: from.text,
  }
}
