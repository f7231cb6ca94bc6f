import { bodyOf, partsOf } from '../../../sql/postgres/nodes'
import type { Found } from '../../finding'
import { alterCommands } from '../../postgres/alter-commands'
import type { Catalog, DroppedConstraint } from '../../postgres/catalog'
import type { ConstraintKind, Table } from '../../postgres/facts'
import type { PostgresSubject } from '../../postgres/subject'
import { defineRule } from '../../rule'
import type { SqliteCatalog } from '../../sqlite/catalog'
import type { SqliteConstraint, SqliteTable } from '../../sqlite/facts'
import { readAlter, readStatement } from '../../sqlite/statements'
import type { SqliteSubject } from '../../sqlite/subject'

/** https://www.postgresql.org/docs/current/ddl-constraints.html, https://sqlite.org/lang_createtable.html#constraints */
export const dropConstraint = defineRule({
  id: 'D6',
  name: 'drop-constraint',
  category: 'loss',
  severity: 'warning',
  about:
    'Without a constraint, rows that it refused come in, and it cannot be added again before they are corrected. State why it can go.',
  postgres: {
    step: (_, subjects) => {
      const catalog = subjects.at(-1)?.catalog
      return catalog?.dropped.flatMap((dropped) => droppedIn(catalog, dropped, subjects))
    },
  },
  sqlite: {
    step: (_, subjects) => {
      const catalog = subjects.at(-1)?.catalog
      if (catalog === undefined) return []
      return [...rebuiltWithout(catalog), ...subjects.flatMap((subject) => [...byName(subject), ...byIndex(subject)])]
    },
  },
})

function found(kind: string, name: string | undefined, table: string, index: number | undefined): Found {
  const label = kind === 'unique' ? 'unique constraint' : kind
  const comesIn: Readonly<Record<string, string>> = {
    'foreign key': `lets rows of ${table} refer to rows that do not exist`,
    unique: `lets duplicates into ${table}`,
    'unique index': `lets duplicates into ${table}`,
    'primary key': `lets rows with the same key into ${table}`,
  }
  return {
    message: `dropping ${name === undefined ? `a ${label}` : `${label} ${name}`} ${comesIn[kind] ?? `lets rows into ${table} that it refused`}`,
    help: 'It cannot be added again before every row meets it. If it is replaced, add the new one in the same revision.',
    table,
    ...(index !== undefined && { index }),
  }
}

function droppedIn(
  catalog: Catalog,
  { table, name, known, place, isIndex }: DroppedConstraint,
  subjects: readonly PostgresSubject[],
): readonly Found[] {
  const now = catalog.table(table)
  if (place !== catalog.place || now === undefined || catalog.isNew(table) || known?.kind === 'not null') return []
  const kind = known?.kind ?? 'constraint'
  if (known !== undefined) {
    const { columns, madeIn, references } = known
    if (catalog.isHere(madeIn) || catalog.isUndone(madeIn)) return []
    // What is dropped with a column, or with the table at the other end, is reported there.
    if (now.complete && columns.some((column) => !now.columns.has(column))) return []
    if (references !== undefined && !catalog.tables.has(references)) return []
    // It has served to set NOT NULL without a scan.
    const { provesNotNull } = known
    if (kind === 'check' && provesNotNull.some((column) => catalog.column(table, column)?.notNull === true)) return []
  }
  const isReplaced = [...now.constraints.values()].some(
    (one) =>
      catalog.isHere(one.madeIn) &&
      (one.name === name ||
        // A key has other columns now, and a check another condition.
        (one.kind === kind && (/^(?:check|primary key)$/.test(kind) || isSame(one.columns, known?.columns ?? [])))),
  )
  if (known === undefined && isLikelyReplaced(catalog, now, name)) return []
  const hasIndex =
    kind === 'unique' &&
    catalog.indexesOf(table).some(({ unique, columns }) => unique && isSame(columns, known?.columns ?? []))
  if (isReplaced || hasIndex) return []
  const at = subjects.findLast(
    ({ node }) =>
      alterCommands(node).some((one) => one.table.key === table.key && one.command.name === name) ||
      (isIndex === true && bodyOf(node, 'DropStmt')?.objects?.some((one) => partsOf(one).at(-1) === name) === true),
  )
  return [found(isIndex === true ? 'unique index' : kind, name, table.text, at?.index)]
}

/** What a name says of a constraint of which nothing else is known: TypeORM's prefixes, and PostgreSQL's suffixes. */
const namedAs: readonly (readonly [RegExp, ConstraintKind])[] = [
  [/^fk_|_fk(?:ey)?$/i, 'foreign key'],
  [/^(?:uq|rel)_|_key$/i, 'unique'],
  [/^pk_|_pkey$/i, 'primary key'],
  [/^chk_|_check$/i, 'check'],
]

/** Whether the step adds as many constraints of the kind to the table as it drops of those that only have a name. */
function isLikelyReplaced(catalog: Catalog, table: Table, name: string): boolean {
  const kindOf = (constraint: string): ConstraintKind | undefined =>
    namedAs.find(([pattern]) => pattern.test(constraint))?.[1]
  const kind = kindOf(name)
  if (kind === undefined) return false
  const added = [...table.constraints.values()].filter((one) => one.kind === kind && catalog.isHere(one.madeIn))
  const dropped = catalog.dropped.filter(
    (one) =>
      one.known === undefined &&
      one.table.key === table.name.key &&
      catalog.isHere(one.place) &&
      kindOf(one.name) === kind,
  )
  return added.length > 0 && (kind === 'primary key' || added.length >= dropped.length)
}

function isSame(some: readonly (string | undefined)[], others: readonly string[]): boolean {
  return some.length === others.length && others.every((column) => some.includes(column))
}

/** Tables that were replaced by a copy without a constraint. */
function rebuiltWithout(catalog: SqliteCatalog): readonly Found[] {
  return [...catalog.rebuilds].flatMap(([key, { before, columns, index }]) => {
    const now = catalog.tables.get(key)
    if (now === undefined || before === undefined) return []
    const names = new Map([...columns].map(([column, was]) => [was, column]))
    return before.constraints.flatMap((constraint) => {
      const kept = [...constraint.columns].filter((column) => before.columns.has(column))
      const renamed = kept.flatMap((column) => names.get(column) ?? [])
      // What goes with a column is reported there.
      if (renamed.length < kept.length || !isMissing(catalog, now, constraint, renamed)) return []
      return [found(constraint.kind, constraint.name, now.name.text, index)]
    })
  })
}

/** ALTER TABLE … DROP CONSTRAINT, which recent versions have. */
function byName(subject: SqliteSubject): readonly Found[] {
  const dropped = readAlter(subject, (table, cursor) =>
    cursor.take('DROP', 'CONSTRAINT') ? { table, name: cursor.name() } : undefined,
  )
  if (dropped === undefined) return []
  const { catalog, index } = subject
  const now = catalog.table(dropped.table)
  const known = catalog
    .before(catalog.wasKey(dropped.table.key))
    ?.constraints.find(({ name }) => name?.toLowerCase() === dropped.name.toLowerCase())
  if (now === undefined || catalog.isNew(dropped.table)) return []
  if (known !== undefined && !isMissing(catalog, now, known, [...known.columns])) return []
  return [found(known?.kind ?? 'constraint', dropped.name, now.name.text, index)]
}

/** DROP INDEX of a unique index of whole rows and plain columns. */
function byIndex(subject: SqliteSubject): readonly Found[] {
  const { catalog } = subject
  const dropped = readStatement(subject, (cursor) => {
    if (!cursor.take('DROP', 'INDEX')) return undefined
    cursor.take('IF', 'EXISTS')
    return catalog.name(cursor.qualifiedName())
  })
  const known = catalog.dropped.find(({ name }) => name.key === dropped?.key)
  const now = catalog.tables.get(known?.table ?? '')
  const columns = known?.columns.flatMap((column) => column ?? []) ?? []
  if (known === undefined || now === undefined || known.partial || columns.length < known.columns.length) return []
  const names = columns.map((column) => nowOf(catalog, now, column))
  // What goes with a column is reported there.
  if (!names.every((column) => now.columns.has(column))) return []
  const signature = names.join(' ')
  const constraint = { kind: 'unique', columns: new Set(names), signature, madeIn: known.madeIn } as const
  return isMissing(catalog, now, constraint, names)
    ? [found('unique index', known.name.name, now.name.text, subject.index)]
    : []
}

/** The name of a column after a rebuild. */
function nowOf(catalog: SqliteCatalog, { name }: SqliteTable, column: string): string {
  const columns = catalog.rebuilds.get(name.key)?.columns ?? []
  return [...columns].find(([, was]) => was === column)?.[0] ?? column
}

function isMissing(
  catalog: SqliteCatalog,
  now: SqliteTable,
  { kind, name, signature, inline, madeIn, references }: SqliteConstraint,
  columns: readonly string[],
): boolean {
  if (catalog.isHere(madeIn) || catalog.isUndone(madeIn)) return false
  if (references !== undefined && !catalog.tables.has(references)) return false
  const isUnique =
    kind === 'unique' && catalog.indexesOf(now.name).some((one) => one.unique && isSame(one.columns, columns))
  return (
    !isUnique &&
    !now.constraints.some(
      (one) =>
        one.kind === kind &&
        (one.signature === signature ||
          (one.name !== undefined && one.name === name) ||
          (kind === 'check'
            ? inline !== undefined && columns.includes(one.inline ?? '')
            : isSame([...one.columns], columns)) ||
          kind === 'primary key'),
    )
  )
}
