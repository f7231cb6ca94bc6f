import type { Operation } from '../operations/operation'
import { mentionsName } from '../schema/expressions'
import { patternOf } from '../schema/patterns'
import {
  displayName,
  type Index,
  type ObjectName,
  type Policy,
  sameName,
  type Schema,
  type Table,
  type View,
} from '../schema/schema'
import type { IsUnmanaged, UnmanagedKind } from '../schema/unmanaged'

/** An unmanaged object that a revision keeps, and what it reads. */
export interface KeptObject {
  /** `view:report`, as in `unmanaged` of the configuration. */
  readonly pattern: string
  readonly kind: UnmanagedKind
  /** Its name in SQL, without its schema; of a function without the arguments. */
  readonly name: string
  /** The SQL of its definition. */
  readonly texts: readonly string[]
  /** The columns that it names outside of `texts`. */
  readonly columns: readonly string[]
  /** The relations that it reads, as far as they are known. */
  readonly relations: readonly ObjectName[]
}

/** What a revision drops or changes. */
export interface ChangedPart {
  readonly relation?: ObjectName
  readonly column?: string
  readonly type?: ObjectName
  /** `column t.k, which is dropped` */
  readonly words: string
}

/** The unmanaged objects of a schema. */
export function keptObjects(schema: Schema, isKept: IsUnmanaged): KeptObject[] {
  const standing = (kind: UnmanagedKind, item: ObjectName, rest: Partial<KeptObject>): KeptObject[] =>
    isKept(kind, undefined, displayName(item))
      ? [{ ...object(kind, undefined, displayName(item)), name: item.name, ...rest }]
      : []
  return [
    ...schema.views.flatMap((view) => [
      ...standing('view', view, { texts: [view.definition], relations: view.dependsOn }),
      ...parts(view, view.indexes.map(indexPart), isKept),
    ]),
    ...(schema.functions ?? []).flatMap((routine) =>
      standing('function', routine, { name: routine.routine, texts: [routine.sql], relations: routine.dependsOn }),
    ),
    ...(schema.domains ?? []).flatMap((domain) => standing('domain', domain, { texts: [domain.sql] })),
    ...schema.tables.flatMap((table) => [
      ...parts(table, partsOf(table), isKept),
      ...standing('table', table, wholeTable(table)),
    ]),
  ]
}

/** True if the statement creates the object. For a table: if it names it. */
export function isStatementOf(statement: string, { name, texts, kind }: KeptObject): boolean {
  if (!mentionsName(statement, name)) return false
  return kind === 'table' || (creating.test(statement) && texts.every((text) => statement.includes(text)))
}

const creating = /^(?:CREATE|ALTER TABLE [\s\S]*\bADD)\b/

/** True if the object reads what is changed. The texts decide, so it may be true where another table has a column of that name. */
export function reads({ columns, texts, relations }: KeptObject, { relation, column, type }: ChangedPart): boolean {
  const mentions = (name: string): boolean => texts.some((text) => mentionsName(text, name))
  if (type !== undefined) return mentions(type.name)
  if (relation === undefined) return false
  if (!relations.some((name) => sameName(name, relation)) && !mentions(relation.name)) return false
  return column === undefined || columns.includes(column) || mentions(column)
}

/** What the operations drop, or give another type. */
export function changedParts(operations: readonly Operation[]): ChangedPart[] {
  return operations.flatMap((operation): ChangedPart[] => {
    switch (operation.op) {
      case 'dropTable':
        return [{ relation: operation.table, words: `table ${displayName(operation.table)}, which is dropped` }]
      case 'dropColumn': {
        const { table, column } = operation
        const words = `column ${displayName(table)}.${column.name}, which is dropped`
        return [{ relation: table, column: column.name, words }]
      }
      case 'alterColumn': {
        const { table, from, to } = operation
        if (from.type === to.type) return []
        const words = `column ${displayName(table)}.${from.name}, which changes from ${from.type} to ${to.type}`
        return [{ relation: table, column: from.name, words }]
      }
      case 'dropEnum':
        return [{ type: operation.definition, words: `type ${displayName(operation.definition)}, which is dropped` }]
      case 'alterEnum':
        return [{ type: operation.from, words: `type ${displayName(operation.from)}, which changes` }]
      case 'dropView':
        return [
          { relation: operation.definition, words: `view ${displayName(operation.definition)}, which is dropped` },
        ]
      default:
        return []
    }
  })
}

/** A part of a table or view, without what follows from its owner. */
type Part = Pick<KeptObject, 'kind' | 'texts' | 'columns'> & {
  readonly name: string | undefined
  readonly relations?: readonly ObjectName[]
}

function parts(owner: Table | View, all: readonly Part[], isKept: IsUnmanaged): KeptObject[] {
  return all.flatMap(({ name, relations = [], ...part }) =>
    name !== undefined && isKept(part.kind, owner, name)
      ? [{ ...object(part.kind, owner, name), ...part, relations: [owner, ...relations] }]
      : [],
  )
}

function object(kind: UnmanagedKind, owner: ObjectName | undefined, name: string): KeptObject {
  return { pattern: patternOf(kind, owner, name), kind, name, texts: [], columns: [], relations: [] }
}

function partsOf(table: Table): Part[] {
  const keys = [
    ...(table.primaryKey === undefined ? [] : [{ kind: 'primaryKey' as const, ...table.primaryKey }]),
    ...table.uniques.map((unique) => ({ kind: 'unique' as const, ...unique })),
  ]
  return [
    ...table.columns.flatMap(({ name, generated, default: value }): Part[] =>
      [generated?.expression ?? value].flatMap((sql) =>
        sql === undefined ? [] : [{ kind: 'column', name, columns: [], texts: [sql] }],
      ),
    ),
    ...keys.map(({ kind, name, columns }): Part => ({ kind, name, columns, texts: [] })),
    ...table.checks.map(({ name, expression }): Part => ({ kind: 'check', name, columns: [], texts: [expression] })),
    ...table.exclusions.map(({ name, definition }): Part => ({
      kind: 'exclusion',
      name,
      columns: [],
      texts: [definition],
    })),
    ...table.foreignKeys.map(({ name, columns, references }): Part => ({
      kind: 'foreignKey',
      name,
      columns: [...columns, ...references.columns],
      texts: [],
      relations: [references],
    })),
    ...table.indexes.map(indexPart),
    ...table.triggers.map(({ name, sql }): Part => ({ kind: 'trigger', name, columns: [], texts: [sql] })),
    ...(table.policies ?? []).map(policyPart),
  ]
}

function indexPart({ name, keys, include = [], where }: Index): Part {
  return {
    kind: 'index',
    name,
    columns: [...keys.flatMap(({ column }) => column ?? []), ...include],
    texts: [...keys.flatMap(({ expression }) => expression ?? []), ...(where === undefined ? [] : [where])],
  }
}

function policyPart({ name, using, check }: Policy): Part {
  return { kind: 'policy', name, columns: [], texts: [using, check].filter((sql) => sql !== undefined) }
}

/** What a table as a whole needs: the tables that it references, and the types of its columns. */
function wholeTable({ columns, foreignKeys }: Table): Pick<KeptObject, 'texts' | 'columns' | 'relations'> {
  return {
    texts: columns.flatMap((column) => (column.enum === undefined ? [] : [column.type])),
    columns: foreignKeys.flatMap(({ references }) => references.columns),
    relations: foreignKeys.map(({ references }) => references),
  }
}
