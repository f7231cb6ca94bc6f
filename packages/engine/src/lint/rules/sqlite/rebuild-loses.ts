import { fold } from '../../../sql/sqlite/tokens'
import type { Found } from '../../finding'
import { defineRule } from '../../rule'
import type { SqliteCatalog } from '../../sqlite/catalog'
import type { Rebuild, SqliteIndex, SqliteTable, SqliteTrigger } from '../../sqlite/facts'

/** The last steps of https://sqlite.org/lang_altertable.html#otheralter */
export const rebuildLoses = defineRule({
  id: 'Q3',
  name: 'rebuild-loses',
  category: 'sqlite',
  severity: 'error',
  about: 'DROP TABLE also drops the indexes and triggers of the table. A rebuild must create them again.',
  sqlite: {
    step(_, subjects) {
      const catalog = subjects.at(-1)?.catalog
      if (catalog === undefined) return []
      return [...catalog.rebuilds].flatMap(([key, rebuild]) => {
        const table = catalog.tables.get(key)
        return table === undefined || rebuild.isOwn ? [] : lostBy(catalog, table, rebuild)
      })
    },
  },
})

function lostBy(catalog: SqliteCatalog, table: SqliteTable, rebuild: Rebuild): readonly Found[] {
  const lost = (catalog.lost.get(table.name.key) ?? []).filter(
    (object) =>
      !catalog.isHere(object.madeIn) && !catalog.isUndone(object.madeIn) && !isBack(catalog, table, object, rebuild),
  )
  return lost.map((object) => {
    const kind = 'columns' in object ? `${object.unique ? 'unique ' : ''}index` : 'trigger'
    return {
      message: `rebuilding ${table.name.text} drops ${kind} ${object.name.name}, and nothing creates it again`,
      help: 'Create it again after the table has its name.',
      // A column of it may have another name now.
      ...(keepsNames(object, rebuild) && { instead: [object.sql] }),
      table: table.name.text,
      index: rebuild.index,
    }
  })
}

function isBack(
  catalog: SqliteCatalog,
  { name }: SqliteTable,
  object: SqliteIndex | SqliteTrigger,
  rebuild: Rebuild,
): boolean {
  const isNamesake = (one: SqliteIndex | SqliteTrigger): boolean => fold(one.name.name) === fold(object.name.name)
  if (!('columns' in object)) return catalog.triggersOf(name).some(isNamesake)
  // An index of a column that is not kept goes with it.
  if (!columnsOf(object, rebuild).every((column) => isKept(column, rebuild))) return true
  const columns = object.columns.map((column) => (column === undefined ? undefined : nowOf(column, rebuild)))
  return catalog
    .indexesOf(name)
    .some(
      (one) =>
        isNamesake(one) ||
        (one.unique === object.unique &&
          one.partial === object.partial &&
          !columns.includes(undefined) &&
          columns.join('\0') === one.columns.join('\0')),
    )
}

/** The columns of the table that an index or a trigger mentions. */
function columnsOf({ mentions }: SqliteIndex | SqliteTrigger, { before }: Rebuild): readonly string[] {
  return [...mentions].filter((name) => before?.columns.has(name) === true)
}

function isKept(column: string, { columns }: Rebuild): boolean {
  return [...columns.values()].includes(column)
}

function nowOf(column: string, { columns }: Rebuild): string | undefined {
  return [...columns].find(([, was]) => was === column)?.[0]
}

function keepsNames(object: SqliteIndex | SqliteTrigger, rebuild: Rebuild): boolean {
  return columnsOf(object, rebuild).every((column) => rebuild.columns.get(column) === column)
}
