import { fold } from '../../../sql/sqlite/tokens'
import type { Found } from '../../finding'
import { defineRule } from '../../rule'
import type { SqliteCatalog } from '../../sqlite/catalog'
import type { SqliteName, SqliteTable } from '../../sqlite/facts'
import { readAlter } from '../../sqlite/statements'
import type { SqliteSubject } from '../../sqlite/subject'

/** https://sqlite.org/lang_altertable.html#alter_table_rename, https://sqlite.org/pragma.html#pragma_legacy_alter_table */
export const renameLegacy = defineRule({
  id: 'Q6',
  name: 'rename-legacy',
  category: 'sqlite',
  severity: 'warning',
  about:
    'RENAME TO changes the name in views, triggers and foreign keys, or with legacy_alter_table it does not. Rebuild a table so that they keep a name that exists.',
  sqlite: {
    statement: refused,
    step(_, subjects) {
      const last = subjects.at(-1)
      return last === undefined ? [] : dangling(last.catalog, subjects)
    },
  },
})

/** Without the pragma, SQLite first checks every view and trigger. The dropped table is not there for them. */
function refused(subject: SqliteSubject): Found | undefined {
  const { catalog } = subject
  const renamed = renameIn(subject)
  if (renamed === undefined || catalog.legacyRename || catalog.views.has(renamed.from.key)) return undefined
  const { to } = renamed
  const wasDropped = catalog.lost.has(to.key) && catalog.table(to) === undefined
  if (!wasDropped) return undefined
  const [reader] = readersOf(catalog, to)
  if (reader === undefined) return undefined
  return {
    message: `SQLite refuses this rename: ${reader} names ${to.text}, which does not exist at this moment`,
    help: 'Drop it before, and create it again after. Or put PRAGMA legacy_alter_table = ON before the rename, and OFF after it.',
    instead: ['PRAGMA legacy_alter_table = ON', subject.sql, 'PRAGMA legacy_alter_table = OFF'],
    table: to.text,
    severity: 'error',
  }
}

/** References to a name that the step has given up, or given and taken away. */
function dangling(catalog: SqliteCatalog, subjects: readonly SqliteSubject[]): readonly Found[] {
  return subjects.flatMap((subject) => {
    const renamed = renameIn(subject)
    if (renamed === undefined || catalog.views.has(renamed.to.key)) return []
    const { from, to } = renamed
    // The old name: references have not followed. The new one: they have, and the table was dropped under it.
    return [
      ...(catalog.table(to) === undefined ? [] : missing(catalog, from, `the table is now ${to.text}`)),
      ...(catalog.table(from) === undefined
        ? []
        : missing(catalog, to, `the rename took it along, and the table is dropped`)),
    ].map((found) => ({ ...found, index: subject.index }))
  })
}

function missing(catalog: SqliteCatalog, name: SqliteName, why: string): readonly Found[] {
  if (catalog.table(name) !== undefined) return []
  const referring = catalog.referring(name).map((table: SqliteTable) => `a foreign key of ${table.name.text}`)
  return [...new Set([...referring, ...readersOf(catalog, name)])].map((reader) => ({
    message: `${reader} names ${name.text}, which does not exist: ${why}`,
    help: 'Create the new table under another name, copy the rows, drop the old table, and rename the new one last.',
    table: name.text,
  }))
}

function readersOf(catalog: SqliteCatalog, name: SqliteName): readonly string[] {
  const folded = fold(name.name)
  return [
    ...[...catalog.views.values()].filter(({ reads }) => reads.has(folded)).map((view) => `view ${view.name.name}`),
    ...[...catalog.triggers.values()]
      .filter(({ mentions, table }) => mentions.has(folded) && table !== name.key)
      .map((trigger) => `trigger ${trigger.name.name}`),
  ]
}

function renameIn(subject: SqliteSubject): { readonly from: SqliteName; readonly to: SqliteName } | undefined {
  return readAlter(subject, (from, cursor) =>
    cursor.take('RENAME', 'TO')
      ? { from, to: subject.catalog.name({ schema: from.schema, name: cursor.name() }) }
      : undefined,
  )
}
