import type { Found } from '../../finding'
import type { Catalog } from '../../postgres/catalog'
import type { Constraint, Name, Table } from '../../postgres/facts'
import type { PostgresSubject } from '../../postgres/subject'
import { writtenCommands, constraintsIn } from '../../postgres/written'
import { defineRule } from '../../rule'

/** https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK */
export const keyTypeMismatch = defineRule({
  id: 'B9',
  name: 'key-type-mismatch',
  category: 'compatibility',
  severity: 'warning',
  about: 'A foreign key of another type than the key it references cannot hold all its values, or cannot be created.',
  postgres: {
    // Both columns may get their types anywhere in the step.
    step: (_, subjects) => subjects.flatMap((subject) => mismatches(subject)),
  },
})

/** Of the keys that a statement creates, or whose columns it gives another type. */
function mismatches(subject: PostgresSubject): readonly Found[] {
  const { catalog, index, step } = subject
  const changed = writtenCommands(subject).filter(({ subtype }) => subtype === 'AT_AlterColumnType')
  // A downgrade gives the types before back.
  if (step.direction === 'downgrade') return []
  const created = constraintsIn(subject).filter(({ kind }) => kind === 'CONSTR_FOREIGN')
  if (changed.length === 0 && created.length === 0) return []
  const found: Found[] = []
  // A history may have thousands of keys, and a statement is about few tables.
  const touched = new Set([...changed, ...created].map(({ table: { key } }) => key))
  for (const table of catalog.tables.values())
    for (const constraint of table.constraints.values()) {
      if (constraint.kind !== 'foreign key' || constraint.references === undefined) continue
      if (!touched.has(table.name.key) && !touched.has(constraint.references)) continue
      const referenced = catalog.tables.get(constraint.references)
      if (referenced === undefined) continue
      const pairs = pairsOf(constraint, referenced)
      const isCreated =
        catalog.isHere(constraint.madeIn) &&
        created.some((one) => one.table.key === table.name.key && one.columns.join() === constraint.columns.join())
      const isChanged = changed.some(({ table: { key }, name = '' }) =>
        pairs.some(
          ([own, other]) => (key === table.name.key && name === own) || (key === referenced.name.key && name === other),
        ),
      )
      if (!isCreated && !isChanged) continue
      for (const [own, other] of pairs) {
        const one = mismatch(catalog, table.name, own, referenced.name, other)
        if (one !== undefined) found.push({ ...one, index })
      }
    }
  return found
}

function pairsOf(constraint: Constraint, referenced: Table): readonly (readonly [own: string, other: string])[] {
  const given = constraint.referencedColumns ?? []
  const key = [...referenced.constraints.values()].find(({ kind }) => kind === 'primary key')
  const others = given.length > 0 ? given : (key?.columns ?? [])
  return constraint.columns.flatMap((own, at) => {
    const other = others[at]
    return other === undefined ? [] : [[own, other] as const]
  })
}

function mismatch(catalog: Catalog, table: Name, own: string, referenced: Name, other: string): Found | undefined {
  const [type, wanted] = [catalog.column(table, own)?.type, catalog.column(referenced, other)?.type]
  if (type === undefined || wanted === undefined || type === wanted) return undefined
  const between = `${table.text}.${own} is ${type}, and ${referenced.text}.${other}, which it references, is ${wanted}`
  const [kind, kindWanted] = [kindOf(type), kindOf(wanted)]
  if (kind === undefined || kindWanted === undefined) return undefined
  if (kind !== kindWanted || rankOf(type) > rankOf(wanted))
    return {
      message: `the server refuses a foreign key between these types: ${between}`,
      help: `Give both columns the type ${wanted}.`,
      table: table.text,
      severity: 'error',
    }
  if (holdsAll(type, wanted)) return undefined
  return {
    message: `rows with some keys cannot be referenced: ${between}`,
    help: `Give both columns the type ${wanted}.`,
    table: table.text,
  }
}

/** A foreign key needs types of one kind; undefined for types that are not known here. */
function kindOf(type: string): string | undefined {
  const base = type.replace(/\(.*?\)/, '')
  if (/^(?:smallint|integer|bigint|numeric|real|double precision)$/.test(base)) return 'number'
  if (/^(?:text|character varying|character)$/.test(base)) return 'text'
  return /^(?:uuid|boolean|date|bytea)$/.test(base) ? base : undefined
}

/** A number is compared with a key of the same or a higher rank, to which it is converted; 0 for anything else. */
function rankOf(type: string): number {
  const base = type.replace(/\(.*?\)/, '')
  return Math.max(0, ['numeric', 'real', 'double precision'].indexOf(base) + 1)
}

/** Narrowest first. */
const numbers = ['smallint', 'integer', 'bigint', 'numeric']

/** True if the type has every value of the other, as far as it is known. */
function holdsAll(type: string, wanted: string): boolean {
  const [own, other] = [numbers.indexOf(type), numbers.indexOf(wanted)]
  if (own >= 0 && other >= 0) return own >= other
  const [limit, needed] = [limitOf(type), limitOf(wanted)]
  if (limit === undefined) return true
  return needed !== undefined && limit >= needed
}

/** The number of characters of a text; undefined for any number, and for other types. */
function limitOf(type: string): number | undefined {
  if (type === 'character') return 1
  const [, digits] = /^character(?: varying)?\((\d+)\)$/.exec(type) ?? []
  return digits === undefined ? undefined : Number(digits)
}
