import { beside, findTable, type Index, type ObjectName, type Schema } from '../../schema/schema'
import { editTableOrView, requireColumns, requireFreeName } from '../edit-schema'
import { objectKinds } from '../object-kinds'
import type { OfTable, Operations } from '../operation'
import { brief } from '../wording'

/** `table` may be a materialized view. */
export type CreateDropIndex = Operations<'createIndex' | 'dropIndex', OfTable & { index: Index }>

export const { create: createIndex, drop: dropIndex } = objectKinds<'index', Index, OfTable>({
  key: 'index',
  word: 'index',
  wordFor: ({ unique }) => (unique ? 'unique index' : 'index'),
  details: (index) => ` (${keyList(index)})${parameters(index)}`,
  operations: ({ table }) => ({
    create: (index) => ({ op: 'createIndex', table, index }),
    drop: (index) => ({ op: 'dropIndex', table, index }),
  }),
  edit: (schema, { table }, change) => editIndexes(schema, table, change),
  requireCreatable(schema, { name, keys, include = [] }, { table }) {
    requireFreeName(schema, beside(table, name))
    const owner = findTable(schema, table)
    if (owner !== undefined) requireColumns(owner, [...keys.flatMap((key) => key.column ?? []), ...include])
  },
  phases: { create: 'createIndex', drop: 'dropIndex' },
})

/** The schema with the indexes of a table or materialized view changed. */
export function editIndexes(
  schema: Schema,
  owner: ObjectName,
  edit: (indexes: readonly Index[]) => readonly Index[],
): Schema {
  return editTableOrView(schema, owner, {
    table: (table) => ({ ...table, indexes: edit(table.indexes) }),
    view: (view) => ({ ...view, indexes: edit(view.indexes) }),
  })
}

/** What else distinguishes it from another index of its name. */
function parameters({ method, include = [], nullsNotDistinct, storage = [], comment }: Index): string {
  return [
    ...(method === 'btree' ? [] : [` using ${method}`]),
    ...(include.length === 0 ? [] : [` include (${include.join(', ')})`]),
    ...(nullsNotDistinct === true ? [' nulls not distinct'] : []),
    ...(storage.length === 0 ? [] : [` with (${storage.join(', ')})`]),
    ...(comment === undefined ? [] : [`, comment "${brief(comment, 40)}"`]),
  ].join('')
}

function keyList({ keys, where }: Index): string {
  const texts = keys.map(({ column, expression, collation, opclass, order, nulls }) =>
    [
      column ?? expression ?? '',
      ...(collation === undefined ? [] : [`collate ${collation}`]),
      ...(opclass === undefined ? [] : [opclass]),
      ...(order === undefined ? [] : ['desc']),
      ...(nulls === undefined ? [] : [`nulls ${nulls.toLowerCase()}`]),
    ].join(' '),
  )
  return `${texts.join(', ')}${where === undefined ? '' : ` where ${where}`}`
}
