import type { Column as SchemaColumn, ObjectName, Schema, Table as SchemaTable } from '../../schema/schema'
import { type Grammar, parseStatements } from '../../sql/postgres/grammar'
import { bodiesIn, bodyOf } from '../../sql/postgres/nodes'
import { Catalog, nameOf } from './catalog'
import type { Column, Constraint, Name, Place } from './facts'
import { columnsIn, provedNotNull } from './learn-table'

/** The place of what existed before all steps. */
const before: Place = ':upgrade'

/** What a schema shows of a database: everything in it existed before. */
export function catalogOf(schema: Schema, grammar: Grammar): Catalog {
  const catalog = new Catalog()
  for (const table of schema.tables) addTable(catalog, table, grammar)
  for (const { values, ...name } of schema.enums) {
    const known = named(name)
    catalog.enums.set(known.key, { name: known, values, added: new Map(), madeIn: before })
  }
  for (const name of schema.schemas) catalog.schemas.set(name, before)
  return catalog
}

function named({ schema = 'public', name }: ObjectName): Name {
  return nameOf([schema, name])
}

function addTable(catalog: Catalog, table: SchemaTable, grammar: Grammar): void {
  const name = named(table)
  catalog.changed(name, {
    columns: new Map(table.columns.map((column) => [column.name, columnOf(column)])),
    complete: true,
    partitioned: table.partitionBy !== undefined,
  })
  for (const constraint of constraintsOf(table, grammar)) catalog.setConstraint(name, constraint)
  for (const { name: index, keys, unique, where } of table.indexes) {
    const known = nameOf([name.schema, index])
    catalog.indexes.set(known.key, {
      name: known,
      table: name.key,
      unique,
      columns: keys.map(({ column }) => column),
      partial: where !== undefined,
      madeIn: before,
    })
  }
}

function columnOf({ name, type, enum: enumType, nullable, default: value, ...column }: SchemaColumn): Column {
  const generated = column.generated?.kind ?? (column.identity === undefined ? undefined : 'identity')
  return {
    name,
    // A schema quotes the name of an enum, a statement need not.
    type: enumType === undefined ? type : `${named(enumType).text}${/(?:\[\])*$/.exec(type)?.[0] ?? ''}`,
    notNull: !nullable,
    hasDefault: value !== undefined || column.serial !== undefined,
    ...(generated !== undefined && { generated }),
    madeIn: before,
  }
}

function constraintsOf(table: SchemaTable, grammar: Grammar): readonly Constraint[] {
  const common = { mentions: [], validated: true, provesNotNull: [], madeIn: before } as const
  const { primaryKey, uniques, checks, foreignKeys, exclusions } = table
  const keys = [
    ...(primaryKey === undefined ? [] : [{ ...primaryKey, kind: 'primary key' as const }]),
    ...uniques.map((unique) => ({ ...unique, kind: 'unique' as const })),
  ]
  return [
    ...keys.map(({ name = '', kind, columns }) => ({ ...common, name, kind, columns })),
    ...foreignKeys.map(({ name = '', columns, references }) => ({
      ...common,
      ...{ name, kind: 'foreign key' as const, columns, references: named(references).key },
      referencedColumns: references.columns,
    })),
    ...checks.map(({ name = '', expression }) => ({
      ...common,
      ...{ name, kind: 'check' as const, columns: [], ...conditionOf(expression, grammar) },
    })),
    ...exclusions.map(({ name }) => ({ ...common, name, kind: 'exclusion' as const, columns: [] })),
  ]
}

function conditionOf(expression: string, grammar: Grammar): Pick<Constraint, 'mentions' | 'provesNotNull'> {
  const [parsed] = parseStatements(grammar, `SELECT ${expression}`)
  const [target] = bodiesIn(bodyOf(parsed?.node, 'SelectStmt')?.targetList, 'ResTarget')
  return { mentions: columnsIn(target?.val), provesNotNull: provedNotNull(target?.val) }
}
