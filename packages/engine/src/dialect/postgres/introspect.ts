import {
  type Column,
  keyOf,
  type ObjectName,
  type Schema,
  type Sequence,
  type Table,
  type Trigger,
  type View,
} from '../../schema/schema'
import type { Queryable } from '../queryable'
import type { IntrospectOptions } from '../roles/introspection'
import { canonicalExpression } from './expression'
import { buildColumn, type ColumnRow } from './introspect/columns'
import {
  buildCheck,
  buildExclusion,
  buildForeignKey,
  buildPrimaryKey,
  buildUnique,
  type ConstraintRow,
} from './introspect/constraints'
import { buildIndex } from './introspect/indexes'
import { buildPartitions, buildPolicy, type RelationRow, type ViewRow } from './introspect/relations'
import { buildDomain, buildRoutine } from './introspect/routines'
import { type Catalog, readCatalog } from './introspect/statement'
import { buildSequence, type SequenceRow } from './introspect/types'
import { nameOf } from './names'
import { unusualOptions } from './sequence-options'

/**
 * Reads the schema of the connected database from `pg_catalog`, in one query.
 *
 * Objects of the default schema (`current_schema()`) have no `schema`, and no text mentions it, so that the same schema
 * reads the same in `public` and in a shadow. Leaves out system objects, members of extensions, and the ignored tables with
 * their sequences. A name in `ignoreTables` without a dot is ignored in every schema, because TypeORM keeps its tables in
 * the schema of the DataSource; in another schema than the default one only with the columns of such a table.
 *
 * @throws AludelError `ALUDEL_DATA_SOURCE` when the connection's search_path names no schema that exists
 */
export async function introspect(database: Queryable, options: IntrospectOptions): Promise<Schema> {
  return new SchemaBuilder(await readCatalog(database), options).build()
}

class SchemaBuilder {
  readonly #catalog: Catalog
  readonly #relations: ReadonlyMap<string, RelationRow>
  readonly #names: ReadonlyMap<string, ObjectName>
  readonly #enums: ReadonlyMap<string, ObjectName>
  readonly #sequences: ReadonlyMap<string, SequenceRow>
  readonly #columns: ReadonlyMap<string, readonly ColumnRow[]>
  readonly #constraints: ReadonlyMap<string, readonly ConstraintRow[]>
  readonly #indexes: ReadonlyMap<string, Catalog['indexes']>
  readonly #triggers: ReadonlyMap<string, Catalog['triggers']>
  readonly #policies: ReadonlyMap<string, Catalog['policies']>

  constructor(catalog: Catalog, { ignoreTables }: IntrospectOptions) {
    const ignored = new Set(ignoreTables)
    this.#columns = byRelation(catalog.columns)
    const isIgnored = (row: RelationRow): boolean =>
      ignored.has(`${row.schema ?? catalog.defaultSchema}.${row.name}`) ||
      (ignored.has(row.name) && (row.schema === undefined || this.#isOwn(row)))
    const kept = catalog.relations.filter((row) => !isIgnored(row))
    this.#catalog = catalog
    this.#relations = new Map(kept.map((row) => [row.id, row]))
    this.#names = new Map(kept.map((row) => [row.id, nameOf(row)]))
    this.#enums = new Map(catalog.enums.map((row) => [row.id, nameOf(row)]))
    this.#sequences = new Map(catalog.sequences.map((row) => [row.id, row]))
    this.#constraints = byRelation(catalog.constraints)
    this.#indexes = byRelation(catalog.indexes)
    this.#triggers = byRelation(catalog.triggers)
    this.#policies = byRelation(catalog.policies)
  }

  /** Whether a table has the columns of a history or of TypeORM's metadata: `migrations` may be a table of anybody. */
  #isOwn({ id, name }: RelationRow): boolean {
    const columns = (this.#columns.get(id) ?? []).map((column) => column.name)
    const has = (...names: string[]): boolean => names.every((column) => columns.includes(column))
    return name.startsWith('aludel_') || has('timestamp', 'name') || has('type', 'value')
  }

  build(): Schema {
    const relations = [...this.#relations.values()]
    const tables = relations.filter(({ kind }) => kind === 'r' || kind === 'p').map((row) => this.#table(row))
    return {
      tables: sorted(tables),
      enums: sorted(this.#catalog.enums.map((row) => ({ ...nameOf(row), values: row.values }))),
      sequences: sorted(this.#standaloneSequences(tables)),
      views: sorted(this.#catalog.views.flatMap((row) => this.#view(row))),
      schemas: this.#catalog.schemas.map(({ name }) => name).sort(),
      extensions: this.#catalog.extensions.map(({ name }) => name).sort(),
      ...this.#extensionSchemas(),
      usedExtensions: this.#catalog.extensions.flatMap(({ name, used }) => (used ? [name] : [])).sort(),
      functions: sorted(this.#catalog.routines.map((row) => buildRoutine(row, this.#names))),
      domains: sorted(this.#catalog.domains.map(buildDomain)),
    }
  }

  #table(relation: RelationRow): Table {
    const rows = this.#constraints.get(relation.id) ?? []
    const constraints = (kind: ConstraintRow['kind']): readonly ConstraintRow[] =>
      rows.filter((row) => row.kind === kind)
    const [primaryKey] = constraints('p')
    const policies = sorted((this.#policies.get(relation.id) ?? []).map(buildPolicy))
    const partitions = relation.kind === 'p' ? buildPartitions(relation.id, this.#catalog.partitions) : []
    return {
      ...nameOf(relation),
      columns: (this.#columns.get(relation.id) ?? []).map((row) => this.#column(row)),
      primaryKey: primaryKey && buildPrimaryKey(primaryKey),
      uniques: sorted(constraints('u').map(buildUnique)),
      checks: sorted(constraints('c').map(buildCheck)),
      exclusions: sorted(constraints('x').map(buildExclusion)),
      foreignKeys: sorted(
        constraints('f').flatMap((row) => {
          const target = this.#names.get(row.target ?? '')
          return target === undefined ? [] : [buildForeignKey(row, target)]
        }),
      ),
      indexes: this.#indexesOf(relation.id),
      triggers: this.#triggersOf(relation.id),
      policies: policies.length === 0 ? undefined : policies,
      partitions: partitions.length === 0 ? undefined : partitions,
      partitionBy: relation.partitionBy ?? undefined,
      rowSecurity: relation.rowSecurity || undefined,
      forceRowSecurity: relation.forceRowSecurity || undefined,
      comment: relation.comment ?? undefined,
    }
  }

  #column(row: ColumnRow): Column {
    return buildColumn(row, this.#enums, (id) => {
      const sequence = this.#sequences.get(id)
      if (sequence?.relation !== row.relation || sequence.column !== row.name) return undefined
      return { name: nameOf(sequence), options: unusualOptions(sequence) }
    })
  }

  #indexesOf(relation: string): Table['indexes'] {
    return sorted((this.#indexes.get(relation) ?? []).map(buildIndex))
  }

  #triggersOf(relation: string): Trigger[] {
    return sorted((this.#triggers.get(relation) ?? []).map(({ name, sql }) => ({ name, sql })))
  }

  #extensionSchemas(): Pick<Schema, 'extensionSchemas'> {
    const placed = this.#catalog.extensions.flatMap(({ name, schema }) => (schema === null ? [] : [[name, schema]]))
    return placed.length === 0 ? {} : { extensionSchemas: Object.fromEntries(placed) as Record<string, string> }
  }

  /** Sequences without those of serial columns and of ignored tables. */
  #standaloneSequences(tables: readonly Table[]): Sequence[] {
    const serial = new Set(
      tables.flatMap(({ columns }) => columns.flatMap((column) => (column.serial ? [keyOf(column.serial)] : []))),
    )
    return this.#catalog.sequences
      .filter((row) => !serial.has(keyOf(nameOf(row))) && (row.relation === null || this.#names.has(row.relation)))
      .map((row) => buildSequence(row, row.relation === null ? undefined : this.#names.get(row.relation)))
  }

  #view(row: ViewRow): View[] {
    const relation = this.#relations.get(row.id)
    if (relation === undefined) return []
    const triggers = this.#triggersOf(row.id)
    return [
      {
        ...nameOf(relation),
        materialized: relation.kind === 'm',
        definition: canonicalExpression(row.definition.replace(/;\s*$/, '')),
        dependsOn: sorted(row.reads.flatMap((id) => this.#names.get(id) ?? [])),
        indexes: this.#indexesOf(row.id),
        triggers: triggers.length === 0 ? undefined : triggers,
        options: row.options === null ? undefined : [...row.options].sort(),
      },
    ]
  }
}

function byRelation<T extends { readonly relation: string }>(rows: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const result = new Map<string, T[]>()
  for (const row of rows) {
    const list = result.get(row.relation)
    if (list === undefined) result.set(row.relation, [row])
    else list.push(row)
  }
  return result
}

/** Sorts by name, independent of the locale of server and process. */
function sorted<T extends { readonly name?: string; readonly schema?: string }>(items: readonly T[]): T[] {
  const key = ({ schema, name = '' }: T): string => keyOf({ schema, name })
  return items
    .map((item) => ({ item, key: key(item) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ item }) => item)
}
