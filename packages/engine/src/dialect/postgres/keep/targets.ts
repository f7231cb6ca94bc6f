import { partsOf, writtenAs, writtenIn } from '../../../sql/postgres/nodes'
import type { Queryable } from '../../queryable'
import { quote } from '../names'
import type { GoneObject } from './definitions'
import type { Definition } from './dropped'
import { findTable, type TablePlace } from './places'
import { actionsOf, alterTableIn, dropIn, type SentStatement } from './statements'
import { findType } from './types'

/** What a statement names. */
export interface Targets {
  readonly tables: readonly TablePlace[]
  /** Quoted, with their schemas. */
  readonly types: readonly string[]
  /** Of ALTER TABLE. */
  readonly columns: readonly string[]
  readonly constraints: readonly string[]
}

export async function targetsOf(database: Queryable, statement: SentStatement): Promise<Targets> {
  const drop = dropIn(statement)
  const alter = alterTableIn(statement)
  const names =
    drop?.removeType === 'OBJECT_TABLE'
      ? (drop.objects ?? []).map((object) => writtenAs(partsOf(object)))
      : alter === undefined
        ? []
        : [writtenIn(alter.relation)]
  const tables: TablePlace[] = []
  for (const name of names) {
    const table = await findTable(database, name)
    if (table !== undefined) tables.push(table)
  }
  const types: string[] = []
  if (drop?.removeType === 'OBJECT_TYPE' || drop?.removeType === 'OBJECT_DOMAIN') {
    for (const object of drop.objects ?? []) {
      const type = await findType(database, writtenAs(partsOf(object)))
      if (type !== undefined) types.push(`${quote(type.schema)}.${quote(type.name)}`)
    }
  }
  const named = (subtype: string): readonly string[] =>
    actionsOf(alter).flatMap((action) => (action.subtype === subtype && action.name !== undefined ? [action.name] : []))
  return { tables, types, columns: named('AT_DropColumn'), constraints: named('AT_DropConstraint') }
}

/** DROP TABLE, ALTER TABLE: all that goes with what they drop depends on tables and columns. */
export function isPlain(statement: SentStatement): boolean {
  return alterTableIn(statement) !== undefined || dropIn(statement)?.removeType === 'OBJECT_TABLE'
}

/** ALTER TABLE with those actions alone that drop something: others may rewrite the table, which takes long. */
export function onlyDrops(statement: SentStatement): string | undefined {
  const alter = alterTableIn(statement)
  const words: Readonly<Record<string, string>> = { AT_DropColumn: 'COLUMN', AT_DropConstraint: 'CONSTRAINT' }
  const drops = actionsOf(alter).flatMap(({ subtype = '', name = '', behavior, missing_ok: isOptional }) => {
    const word = words[subtype]
    if (word === undefined) return []
    return `DROP ${word} ${isOptional === true ? 'IF EXISTS ' : ''}${quote(name)}${behavior === 'DROP_CASCADE' ? ' CASCADE' : ''}`
  })
  if (alter?.relation === undefined || drops.length === 0) return undefined
  const { schema, name } = writtenIn(alter.relation)
  const table = schema === undefined ? quote(name) : `${quote(schema)}.${quote(name)}`
  return `ALTER TABLE ${alter.missing_ok === true ? 'IF EXISTS ' : ''}${alter.relation.inh === true ? '' : 'ONLY '}${table} ${drops.join(', ')}`
}

/**
 * DROP of tables or types by their full names, of which those that were moved are missing. Without its schema, a name might mean
 * another object then.
 */
export function forgiving(statement: SentStatement, { tables, types }: Targets): string {
  const drop = dropIn(statement)
  const names = drop?.removeType === 'OBJECT_TABLE' ? tables.map(({ sql }) => sql) : types
  if (drop === undefined || names.length === 0) return statement.sql
  const word = drop.removeType === 'OBJECT_TABLE' ? 'TABLE' : drop.removeType === 'OBJECT_DOMAIN' ? 'DOMAIN' : 'TYPE'
  return `DROP ${word} IF EXISTS ${names.join(', ')}${drop.behavior === 'DROP_CASCADE' ? ' CASCADE' : ''}`
}

/** Definitions of all that goes without being named. */
export function definitionsIn(live: readonly GoneObject[], { tables, constraints }: Targets): readonly Definition[] {
  return [...live]
    .sort((a, b) => b.place - a.place)
    .flatMap(({ catalog, type, identity, relation, sql, member }) => {
      if (sql === null || member) return []
      const isNamed =
        catalog === 'pg_constraint' &&
        tables.some(({ id }) => id === relation) &&
        constraints.some(
          (name) => identity.startsWith(`${quoteIfNeeded(name)} on `) || identity.startsWith(`${name} on `),
        )
      return isNamed ? [] : [{ type, identity, sql }]
    })
}

function quoteIfNeeded(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : quote(name)
}
