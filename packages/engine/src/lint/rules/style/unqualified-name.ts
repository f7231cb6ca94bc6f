import { bodyOf, partsIn, partsOf, stringsOf } from '../../../sql/postgres/nodes'
import type { PostgresSubject } from '../../postgres/subject'
import { defineRule } from '../../rule'

/** https://www.postgresql.org/docs/current/ddl-schemas.html#DDL-SCHEMAS-PATH */
export const unqualifiedName = defineRule({
  id: 'C15',
  name: 'unqualified-name',
  category: 'style',
  severity: 'info',
  about: 'A name without its schema is looked up in the search path of the session, and may be another object there.',
  postgres: {
    statement: ({ node }) =>
      namesIn(node)
        .filter(({ length }) => length === 1)
        .map(([name = '']) => ({
          message: `${name} is looked up in the search path of the session that runs the revision`,
          help: 'Name its schema, too, or set the search path in the revision.',
        })),
  },
})

const dropped = new Set([
  'OBJECT_TABLE',
  'OBJECT_VIEW',
  'OBJECT_MATVIEW',
  'OBJECT_FOREIGN_TABLE',
  'OBJECT_INDEX',
  'OBJECT_SEQUENCE',
  'OBJECT_TYPE',
  'OBJECT_DOMAIN',
  'OBJECT_FUNCTION',
])

/** The parts of the name of each object that a statement creates, changes or drops. */
function namesIn(node: PostgresSubject['node']): readonly (readonly string[])[] {
  const relation =
    bodyOf(node, 'CreateStmt')?.relation ??
    bodyOf(node, 'AlterTableStmt')?.relation ??
    bodyOf(node, 'IndexStmt')?.relation ??
    bodyOf(node, 'RenameStmt')?.relation ??
    bodyOf(node, 'AlterObjectSchemaStmt')?.relation ??
    bodyOf(node, 'ViewStmt')?.view ??
    bodyOf(node, 'CreateTableAsStmt')?.into?.rel ??
    bodyOf(node, 'CreateSeqStmt')?.sequence
  if (relation !== undefined) return relation.relpersistence === 't' ? [] : [partsIn(relation)]
  const list =
    bodyOf(node, 'CreateEnumStmt')?.typeName ??
    bodyOf(node, 'AlterEnumStmt')?.typeName ??
    bodyOf(node, 'CreateDomainStmt')?.domainname ??
    bodyOf(node, 'CreateFunctionStmt')?.funcname
  if (list !== undefined) return [stringsOf(list)]
  const drop = bodyOf(node, 'DropStmt')
  return dropped.has(drop?.removeType ?? '') ? (drop?.objects ?? []).map(partsOf) : []
}
