import { bodyOf, stringsOf } from '../../../sql/postgres/nodes'
import { quotedName } from '../../../sql/tokens'
import { type Catalog, columnKey, nameIn } from '../../postgres/catalog'
import type { Found } from '../../finding'
import type { Name } from '../../postgres/facts'
import { isCleaned } from '../../postgres/guard'
import { countRows, orphans } from '../../postgres/queries'
import type { PostgresSubject } from '../../postgres/subject'
import { bracketsAfter } from '../../postgres/text'
import { isNullInRows } from '../../postgres/unique'
import { catalogAfter, writtenCommands, constraintsIn, nodesIn, type WrittenConstraint } from '../../postgres/written'
import { defineRule } from '../../rule'

/** https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-ADD-TABLE-CONSTRAINT */
export const constraintRows = defineRule({
  id: 'F3',
  name: 'constraint-rows',
  category: 'rows',
  severity: 'warning',
  about:
    'A foreign key, check or exclusion constraint cannot be added while rows violate it. Find and change them first.',
  postgres: {
    statement: (subject) => [
      ...constraintsIn(subject).flatMap((one) => added(subject, one) ?? []),
      ...writtenCommands(subject).flatMap(({ subtype, table, name = '' }) =>
        subtype === 'AT_ValidateConstraint' ? (validated(subject, table, name) ?? []) : [],
      ),
    ],
  },
})

function added(subject: PostgresSubject, written: WrittenConstraint): Found | undefined {
  const { table, kind, constraint, label, command } = written
  // NOT VALID leaves the rows alone until they are validated.
  if (command === undefined || constraint.skip_validation === true) return undefined
  const after = catalogAfter(subject)
  if (after.isNew(table)) return undefined
  switch (kind) {
    case 'CONSTR_FOREIGN':
      return foreignKey(subject, after, written)
    case 'CONSTR_CHECK': {
      if (isTrueOfNew(subject, after, written)) return undefined
      const condition = bracketsAfter(command.text, 'CHECK')
      return {
        message: `adding ${label === 'a constraint' ? 'a check' : label} fails if a row of ${table.text} violates it`,
        help: helpWith(condition === undefined ? undefined : countRows(table, `NOT (${condition})`)),
        table: table.text,
        ...(isCleaned(subject, table, columnsOf(written)) && { severity: 'info' }),
      }
    }
    case 'CONSTR_EXCLUSION':
      return {
        message: `adding ${label} fails if two rows of ${table.text} exclude each other`,
        help: 'Look for such rows in every database, and change them in an earlier revision.',
        table: table.text,
      }
    default:
      return undefined
  }
}

function helpWith(query: string | undefined): string {
  return query === undefined
    ? 'Look for such rows in every database, and change them in an earlier revision.'
    : `Count such rows in every database: ${query}. Change them in an earlier revision.`
}

function foreignKey(subject: PostgresSubject, after: Catalog, written: WrittenConstraint): Found | undefined {
  const { table, constraint, columns, label } = written
  if (columns.some((column) => isNullInRows(subject, after, table, column))) return undefined
  const referenced = nameIn(constraint.pktable)
  const given = stringsOf(constraint.pk_attrs)
  // The same key under another name, or with another action, as TypeORM writes it.
  const key = (names: readonly string[]): string => (names.length > 0 ? names : (keyOf(after, referenced) ?? [])).join()
  const isReplaced = after
    .droppedHere(table)
    .some(
      (one) =>
        one.kind === 'foreign key' &&
        one.validated &&
        one.references === referenced.key &&
        one.columns.join() === columns.join() &&
        key(one.referencedColumns ?? []) === key(given),
    )
  if (isReplaced || isSameName(after, table, constraint.conname)) return undefined
  const found = orphansIn(
    after,
    table,
    columns,
    referenced,
    given,
    `adding ${label === 'a constraint' ? 'a foreign key' : label}`,
  )
  return isCleaned(subject, table, columns) ? { ...found, severity: 'info' } : found
}

/**
 * A key of which only the name is known was dropped in this step and is added again. TypeORM derives the name of a key from its
 * table and columns: https://github.com/typeorm/typeorm/blob/master/src/naming-strategy/DefaultNamingStrategy.ts
 */
function isSameName(catalog: Catalog, table: Name, name = ''): boolean {
  return (
    /^FK_[0-9a-f]{20,}$/.test(name) &&
    catalog.dropped.some((one) => one.name === name && one.table.key === table.key && catalog.isHere(one.place))
  )
}

function orphansIn(
  catalog: Catalog,
  table: Name,
  columns: readonly string[],
  referenced: Name,
  given: readonly string[],
  doing: string,
): Found {
  const key = given.length > 0 ? given : (keyOf(catalog, referenced) ?? [])
  return {
    message: `${doing} fails if a row of ${table.text} has a ${columns.join(', ')} that is not in ${referenced.text}`,
    help: helpWith(key.length === columns.length ? orphans(table, columns, referenced, key) : undefined),
    table: table.text,
  }
}

function keyOf(catalog: Catalog, table: Name): readonly string[] | undefined {
  return [...(catalog.table(table)?.constraints.values() ?? [])].find(({ kind }) => kind === 'primary key')?.columns
}

/** The columns that a check is about. */
function columnsOf({ constraint, columns: own }: WrittenConstraint): readonly string[] {
  const mentioned = nodesIn(constraint.raw_expr, (node) => stringsOf(bodyOf(node, 'ColumnRef')?.fields).at(-1))
  return [...new Set([...mentioned, ...own])]
}

/** A check of columns that are new and NULL, or have their default, says nothing of the rows. */
function isTrueOfNew(subject: PostgresSubject, after: Catalog, written: WrittenConstraint): boolean {
  const { table, constraint } = written
  const columns = columnsOf(written)
  const asksForNull = nodesIn(constraint.raw_expr, (node) => bodyOf(node, 'NullTest')).length > 0
  return (
    columns.length > 0 &&
    columns.every(
      (column) =>
        after.isHere(after.column(table, column)?.madeIn) &&
        !after.filled.has(columnKey(table, column)) &&
        !(asksForNull && isNullInRows(subject, after, table, column)),
    )
  )
}

/** VALIDATE CONSTRAINT: new rows are checked already, and nobody waits for it. */
function validated({ catalog }: PostgresSubject, table: Name, name: string): Found | undefined {
  const known = catalog.constraint(table, name)
  if (known?.validated === true || catalog.isNew(table)) return undefined
  // The usual way to SET NOT NULL without a long lock, with a backfill before it.
  const proved = known?.provesNotNull ?? []
  if (proved.length > 0 && proved.every((column) => catalog.filled.has(columnKey(table, column)))) return undefined
  const referenced =
    known?.kind === 'foreign key' && known.references !== undefined ? catalog.tables.get(known.references) : undefined
  const found =
    known === undefined || referenced === undefined
      ? {
          message: `validating constraint ${name} fails if a row of ${table.text} violates it`,
          help:
            known !== undefined && proved.length > 0
              ? helpWith(countRows(table, proved.map((column) => `${quotedName(column)} IS NULL`).join(' OR ')))
              : helpWith(undefined),
          table: table.text,
        }
      : orphansIn(
          catalog,
          table,
          known.columns,
          referenced.name,
          known.referencedColumns ?? [],
          `validating constraint ${name}`,
        )
  return { ...found, severity: 'info' }
}
