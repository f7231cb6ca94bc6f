import type { Node } from 'libpg-query' with { 'resolution-mode': 'import' }

import { bodyOf, stringsOf, typeText } from '../../../sql/postgres/nodes'
import type { Found } from '../../finding'
import { type Catalog, nameOf } from '../../postgres/catalog'
import type { Name } from '../../postgres/facts'
import type { PostgresSubject } from '../../postgres/subject'
import { columnsIn, nodesIn } from '../../postgres/written'
import { defineRule } from '../../rule'

/** https://www.postgresql.org/docs/current/sql-altertype.html#SQL-ALTERTYPE-NOTES */
export const newEnumValueUsed = defineRule({
  id: 'C12',
  name: 'new-enum-value-used',
  category: 'hygiene',
  severity: 'error',
  about:
    'A value that ALTER TYPE adds to an enum cannot be used in the same transaction. Add it in a revision of its own.',
  postgres: {
    statement: (subject) =>
      addedBefore(subject)
        .filter(({ type, value }) => isUsed(subject, type, value))
        .map(({ type, value, isTogether }): Found => {
          const help = 'Add the value in a revision of its own, before this one.'
          return isTogether
            ? {
                message: `the statement fails: ${value} is added to ${type.text} in the same transaction, and cannot be used before that ends`,
                help,
              }
            : {
                message: `the revision cannot run in a transaction, because it adds ${value} to ${type.text} and uses it: a failure leaves it half done`,
                help: `${help} Or declare \`transaction = false\`.`,
                severity: 'warning',
              }
        }),
  },
})

interface Added {
  readonly type: Name
  readonly value: string
  /** It is used in the transaction that added it. */
  readonly isTogether: boolean
}

/** Values that earlier statements of the step have added to types that existed before. */
function addedBefore({ earlier, step, catalog, index }: PostgresSubject): readonly Added[] {
  return earlier.flatMap((one) => {
    const { typeName, oldVal, newVal } = bodyOf(one.node, 'AlterEnumStmt') ?? {}
    if (newVal === undefined || oldVal !== undefined) return []
    // Statements of one text share a transaction. A revision that uses its own value runs outside, whatever it declares.
    const isTogether = step.transactional || one.index === index
    if (step.declaresOutside && !isTogether) return []
    const type = nameOf(stringsOf(typeName))
    const known = catalog.enumType(type)
    // With IF NOT EXISTS, the value may be an old one.
    if (known !== undefined && (catalog.isHere(known.madeIn) || !catalog.isHere(known.added.get(newVal)))) return []
    return [{ type, value: newVal, isTogether }]
  })
}

function isUsed(subject: PostgresSubject, type: Name, value: string): boolean {
  const { node, catalog } = subject
  const constants = nodesIn(node, (part) => (bodyOf(part, 'A_Const')?.sval?.sval === value ? part : undefined))
  if (constants.length === 0) return false
  const isCast = nodesIn(node, (part) => {
    const cast = bodyOf(part, 'TypeCast')
    return cast !== undefined && typeText(cast.typeName) === type.text && constantIn(cast.arg) === value
      ? cast
      : undefined
  })
  if (isCast.length > 0) return true
  if (
    columnsIn(subject).some((column) => column.type === type.text && defaultOf(column.definition.constraints) === value)
  )
    return true
  const names = new Set(nodesIn(node, namedIn))
  return columnsOfType(catalog, node, type).some((column) => names.has(column))
}

function constantIn(node: Node | undefined): string | undefined {
  return bodyOf(node, 'A_Const')?.sval?.sval
}

function defaultOf(constraints: readonly Node[] | undefined): string | undefined {
  const found = (constraints ?? [])
    .map((one) => bodyOf(one, 'Constraint'))
    .find((one) => one?.contype === 'CONSTR_DEFAULT')
  return constantIn(found?.raw_expr)
}

/** A column that a part of a statement names. */
function namedIn(part: Node): string | undefined {
  return (
    stringsOf(bodyOf(part, 'ColumnRef')?.fields).at(-1) ??
    bodyOf(part, 'ResTarget')?.name ??
    bodyOf(part, 'AlterTableCmd')?.name
  )
}

/** Columns of this type in the tables that the statement names. */
function columnsOfType(catalog: Catalog, node: Node, type: Name): readonly string[] {
  const tables = nodesIn(node, relationIn)
  return tables.flatMap((table) =>
    [...(catalog.table(table)?.columns.values() ?? [])]
      .filter((column) => column.type === type.text)
      .map(({ name }) => name),
  )
}

/** Tables are in RangeVar nodes, or directly in a property such as `relation`. */
function relationIn(part: object): Name | undefined {
  if (!('relname' in part) || typeof part.relname !== 'string') return undefined
  return nameOf([
    ...('schemaname' in part && typeof part.schemaname === 'string' ? [part.schemaname] : []),
    part.relname,
  ])
}
