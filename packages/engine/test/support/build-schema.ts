import {
  type Column,
  emptySchema,
  type ForeignKey,
  type Index,
  type Schema,
  type Table,
  type View,
} from '../../src/schema/schema'

/** A column. Default is an integer that is not null. */
export function column(name: string, rest: Partial<Column> = {}): Column {
  return { name, type: 'integer', nullable: false, ...rest }
}

/** A table of the given columns. A string `x` means `column('x')`. */
export function table(name: string, columns: readonly (Column | string)[], rest: Partial<Table> = {}): Table {
  return {
    name,
    columns: columns.map((item) => (typeof item === 'string' ? column(item) : item)),
    uniques: [],
    checks: [],
    exclusions: [],
    foreignKeys: [],
    indexes: [],
    triggers: [],
    ...rest,
  }
}

export function index(name: string, columns: readonly string[], rest: Partial<Index> = {}): Index {
  return { name, unique: false, method: 'btree', keys: columns.map((item) => ({ column: item })), ...rest }
}

export function foreignKey(
  name: string,
  columns: readonly string[],
  references: ForeignKey['references'],
  rest: Partial<ForeignKey> = {},
): ForeignKey {
  return { name, columns, references, onDelete: 'NO ACTION', onUpdate: 'NO ACTION', ...rest }
}

export function view(name: string, reads: readonly string[], definition: string, rest: Partial<View> = {}): View {
  return {
    name,
    materialized: false,
    definition,
    dependsOn: reads.map((read) => ({ name: read })),
    indexes: [],
    ...rest,
  }
}

/** A schema of the given parts. A list contains the tables. */
export function schema(parts: Partial<Schema> | readonly Table[]): Schema {
  return { ...emptySchema, ...('length' in parts ? { tables: parts } : parts) }
}
