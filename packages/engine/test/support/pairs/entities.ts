import type { DialectName } from '../../../src/dialect/registry'
import { collations, type ColumnType, columnTypes } from './column-types'
import type { CheckModel, ColumnModel, IndexModel, Model, RelationModel, TableModel, ViewModel } from './model'
import { type Argument, type ClassModel, type Decorator, sql } from './source'

const tableNames = [
  ...['user', 'tags', 'Order Items', 'posts', 'select', 'Größen', 'audit-log', 'UserProfile', 'a_b'],
  'a_table_whose_name_is_nearly_as_long_as_a_name_may_be_here',
]
const columnNames = [
  ...['name', 'title', 'createdAt', 'order', 'first name', 'größe', 'x', 'y', 'Value', 'user', "o'clock"],
  'a_column_with_a_name_of_some_length_but_not_too_long',
]
const relationNames = ['parent_id', 'ownerId', 'Ref Id', 'group', 'linked_to', 'übergeordnet']
const viewNames = ['v_active', 'v Report', 'V3']
const schemas = [undefined, undefined, undefined, 'audit', 'My Schema']
const enumWords = ['a', 'b', 'c', 'waiting', 'two words', 'Z', 'ü', '1', "it's"]
const enumNames = ['mood', 'State Type', 'LEVEL']
const comments = [undefined, undefined, 'plain', "it's\ntwo lines", 'with "quotes" and ü']
const actions = [undefined, 'CASCADE', 'SET NULL', 'RESTRICT', 'NO ACTION', 'SET DEFAULT'] as const
const deferrables = [undefined, undefined, 'INITIALLY IMMEDIATE', 'INITIALLY DEFERRED'] as const
const trees = [...Array<undefined>(12).fill(undefined), 'closure-table', 'materialized-path', 'nested-set'] as const
const methods = [undefined, undefined, 'hash', 'gin', 'gist', 'brin'] as const

/** A table, and the names of its columns in the database. */
interface Resolved {
  readonly table: TableModel
  readonly name: string
  readonly schema: string | undefined
  readonly columns: ReadonlyMap<
    number,
    { readonly name: string; readonly model: ColumnModel; readonly type: ColumnType }
  >
  readonly key: readonly KeyColumn[]
  readonly relations: ReadonlyMap<number, string>
}

interface KeyColumn {
  readonly decorator: Decorator
  readonly name: string
}

/** The entities of a model for one dialect. TypeORM can nearly always create them, for any model. */
export function entitiesOf(model: Model, dialect: DialectName): ClassModel[] {
  return new Entities(model, dialect).classes
}

class Entities {
  readonly classes: ClassModel[]
  readonly #tables = new Map<number, Resolved>()
  readonly #taken = new Set<string>()

  constructor(
    readonly model: Model,
    readonly dialect: DialectName,
  ) {
    for (const table of model.tables) this.#tables.set(table.id, this.#resolve(table))
    const tables = [...this.#tables.values()].map((table) => this.#entity(table))
    const views: ClassModel[] = []
    const known = new Map<
      number,
      { readonly name: string; readonly schema: string | undefined; readonly columns: number }
    >()
    for (const view of model.views) {
      const made = this.#view(view, known)
      if (made !== undefined) views.push(made)
    }
    this.classes = [...tables, ...views]
  }

  get #isPostgres(): boolean {
    return this.dialect === 'postgres'
  }

  /** An unused name of that space; `id` distinguishes items with the same name. */
  #free(space: string, name: string, id: number): string {
    for (const candidate of [name, `${name}${String(id)}`, `${name}_${String(id)}_${String(this.#taken.size)}`]) {
      const key = `${space} ${candidate.toLowerCase()}`
      if (this.#taken.has(key)) continue
      this.#taken.add(key)
      return candidate
    }
    return `${name}_${String(this.#taken.size)}`
  }

  #resolve(table: TableModel): Resolved {
    const schema = this.#isPostgres ? pick(schemas, table.schema) : undefined
    const name = this.#free(`relation ${schema ?? ''}`, pick(tableNames, table.name), table.id)
    const space = `column ${String(table.id)}`
    const key = this.#key(table, name).map((column) => ({ ...column, name: this.#free(space, column.name, 0) }))
    const types = columnTypes[this.dialect]
    const columns = new Map(
      table.columns.map((column) => {
        const type = pick(types, column.type)
        return [column.id, { name: this.#free(space, pick(columnNames, column.name), column.id), model: column, type }]
      }),
    )
    const relations = new Map(
      table.relations.map((relation) => [
        relation.id,
        this.#free(space, pick(relationNames, relation.name), relation.id),
      ]),
    )
    return { table, name, schema, columns, key, relations }
  }

  #key(table: TableModel, name: string): KeyColumn[] {
    const named: Record<string, string> =
      table.keyName === 1
        ? { primaryKeyConstraintName: `pk_${String(table.id)}` }
        : table.keyName === 2
          ? { primaryKeyConstraintName: `pk ${name}`.slice(0, 60) }
          : {}
    const generated = (column: string, ...args: readonly Argument[]): KeyColumn => ({
      name: column,
      decorator: { name: 'PrimaryGeneratedColumn', args },
    })
    const plain = (column: string, options: Record<string, Argument>): KeyColumn => ({
      name: column,
      decorator: { name: 'PrimaryColumn', args: [{ ...options, ...named }] },
    })
    const composite = [plain('left', { type: 'int' }), plain('right key', { type: 'varchar', length: 20 })]
    const common = [
      [generated('id', 'increment', { ...named })],
      [generated('id', 'increment', { ...named })],
      [generated('id', 'uuid', { ...named })],
      [plain('id', { type: 'int' })],
      [plain('Code', { type: 'varchar', length: 20 })],
      composite,
    ]
    const own = this.#isPostgres
      ? [
          [generated('id', 'increment', { type: 'bigint', ...named })],
          [generated('id', 'identity', { generatedIdentity: 'ALWAYS', ...named })],
          [generated('id', 'identity', { generatedIdentity: 'BY DEFAULT', ...named })],
          [plain('id', { type: 'uuid', default: sql('gen_random_uuid()') })],
        ]
      : [[plain('id', { type: 'integer' })]]
    return pick([...common, ...own], table.key)
  }

  #entity(resolved: Resolved): ClassModel {
    const { table, name, schema } = resolved
    const isWithoutRowid = !this.#isPostgres && table.withoutRowid && !isGenerated(resolved)
    const options = {
      name,
      schema,
      comment: this.#isPostgres ? pick(comments, table.comment) : undefined,
      withoutRowid: isWithoutRowid ? true : undefined,
    }
    const tree = resolved.key.length === 1 ? pick(trees, table.tree) : undefined
    const self = `E${String(table.id)}`
    return {
      name: self,
      decorators: [
        { name: 'Entity', args: [options] },
        ...(tree === undefined ? [] : [{ name: 'Tree', args: [tree] }]),
        ...table.indexes.flatMap((index) => this.#index(resolved, index)),
        ...table.uniques.flatMap((unique): Decorator[] => {
          const columns = keyColumns(resolved, unique.columns)
          const only = columns.length === 1 ? resolved.columns.get(unique.columns[0] ?? 0) : undefined
          // TypeORM derives the same name for the same columns, so a column must not be unique twice.
          if (columns.length === 0 || only?.model.unique === true) return []
          const deferrable = this.#isPostgres ? pick(deferrables, unique.deferrable) : undefined
          return [
            { name: 'Unique', args: named(this.#constraintName('uq', unique, resolved), columns, { deferrable }) },
          ]
        }),
        ...table.checks.flatMap((check): Decorator[] => {
          const condition = this.#condition(resolved, check)
          if (condition === undefined) return []
          return [{ name: 'Check', args: named(this.#constraintName('ck', check, resolved), condition) }]
        }),
        ...table.exclusions.flatMap((exclusion) => this.#exclusion(resolved, exclusion)),
      ],
      properties: [
        ...resolved.key.map(({ name: column, decorator }, place) => ({
          name: `key${String(place)}`,
          decorators: [withName(decorator, column)],
        })),
        ...[...resolved.columns.values()].map((column) => ({
          name: `c${String(column.model.id)}`,
          decorators: [this.#column(resolved, column)],
        })),
        ...table.relations.flatMap((relation) => this.#relation(resolved, relation)),
        ...(tree === undefined
          ? []
          : [
              {
                name: 'treeParent',
                decorators: [
                  { name: 'TreeParent', args: [] },
                  { name: 'ManyToOne', args: [self, 'treeChildren'] },
                ].slice(0, 1),
              },
              { name: 'treeChildren', decorators: [{ name: 'TreeChildren', args: [] }] },
            ]),
      ],
    }
  }

  #column(
    resolved: Resolved,
    { name, model, type }: { readonly name: string; readonly model: ColumnModel; readonly type: ColumnType },
  ): Decorator {
    const comment = this.#isPostgres ? pick(comments, model.comment) : undefined
    if (type.decorator !== undefined) return { name: type.decorator, args: [{ name, comment }] }
    const collation =
      type.collates === true && model.collation % 4 === 1
        ? pick(collations[this.dialect], model.collation >> 2)
        : undefined
    const shared = { name, ...type.options, comment, collation }
    const expression = generatedFrom(resolved, model, type)
    if (expression !== undefined) {
      const kind = model.generated === 'virtual' && !this.#isPostgres ? 'VIRTUAL' : 'STORED'
      return { name: 'Column', args: [{ ...shared, nullable: true, asExpression: expression, generatedType: kind }] }
    }
    const values = this.#enum(resolved, model, type)
    const options = {
      ...shared,
      ...values,
      nullable: model.nullable ? true : undefined,
      unique: model.unique && type.key ? true : undefined,
      default: defaultOf(model, type, values?.enum),
    }
    return { name: 'Column', args: [options] }
  }

  #enum(
    { name: table, columns }: Resolved,
    model: ColumnModel,
    type: ColumnType,
  ): { readonly enum: readonly string[]; readonly enumName?: string } | undefined {
    if (type.enum === undefined) return undefined
    const own = this.#words(model, type)
    const shared = this.model.enums[model.shared]
    if (type.enum === 'simple-enum') return { enum: own }
    if (shared !== undefined) return { enum: own, enumName: pick(enumNames, shared.name) }
    // The name that TypeORM would derive.
    const auto = `${table}_${(columns.get(model.id)?.name ?? '').toLowerCase()}_enum`
    return { enum: own, ...(model.shared === 7 && auto.length < 60 ? { enumName: auto } : {}) }
  }

  #words(model: ColumnModel, type: ColumnType): string[] {
    const shared = type.enum === 'simple-enum' ? undefined : this.model.enums[model.shared]
    return wordsOf(type.enum === 'simple-enum' ? enumWords.slice(0, -1) : enumWords, (shared ?? model).values)
  }

  #relation(resolved: Resolved, relation: RelationModel): ClassModel['properties'] {
    const target = this.#tables.get(relation.target)
    if (target === undefined) return []
    const name = `r${String(relation.id)}`
    const onDelete = pick(actions, relation.onDelete)
    const onUpdate = pick(actions, relation.onUpdate)
    const to = `E${String(target.table.id)}`
    if (relation.kind === 'many-to-many') {
      const explicit = relation.name % 2 === 0
      const table = explicit
        ? this.#free(`relation ${resolved.schema ?? ''}`, `link ${String(relation.name)}`, relation.id)
        : undefined
      const options = {
        onDelete: onDelete === 'CASCADE' ? onDelete : undefined,
        createForeignKeyConstraints: relation.foreignKey ? undefined : false,
      }
      return [
        {
          name,
          decorators: [
            { name: 'ManyToMany', args: [to, options] },
            { name: 'JoinTable', args: [{ name: table }] },
          ],
        },
      ]
    }
    const options = {
      // TypeORM refuses a cycle of relations that are not nullable, since no row could be the first.
      nullable: relation.nullable || target.table.id >= resolved.table.id ? undefined : false,
      onDelete,
      onUpdate,
      deferrable: pick(deferrables, relation.deferrable),
      createForeignKeyConstraints: relation.foreignKey ? undefined : false,
    }
    const unique = target.columns.get(relation.reference)
    const isKey = unique?.model.unique === true && unique.type.key && unique.model.generated === 'no'
    const referenced =
      isKey && (unique.type.family === 'number' || unique.type.family === 'text') && unique.type.decorator === undefined
        ? `c${String(relation.reference)}`
        : undefined
    const column = {
      name: resolved.relations.get(relation.id),
      referencedColumnName: referenced,
      foreignKeyConstraintName:
        relation.constraintName === 1 ? `fk_${String(resolved.table.id)}_${String(relation.id)}` : undefined,
    }
    const decorator = relation.kind === 'many-to-one' ? 'ManyToOne' : 'OneToOne'
    return [
      {
        name,
        decorators: [
          { name: decorator, args: [to, options] },
          { name: 'JoinColumn', args: target.key.length === 1 || referenced !== undefined ? [column] : [] },
        ],
      },
    ]
  }

  /** A condition on one column. On an enum, it names one of its values. */
  #condition({ columns }: Resolved, { column: id, condition }: CheckModel): string | undefined {
    const column = columns.get(id)
    if (column === undefined) return undefined
    const name = quote(column.name)
    const { family } = column.type
    if (column.type.enum !== undefined) {
      const [first = '', ...others] = this.#words(column.model, column.type).map(
        (word) => `'${word.replaceAll("'", "''")}'`,
      )
      if (column.type.enum === 'enum[]') return pick([`${name} IS NOT NULL`, `${name} <> '{}'`], condition)
      return pick(
        [`${name} <> ${first}`, `${name} IN (${[first, ...others].join(', ')})`, `${name} IS NOT NULL`],
        condition,
      )
    }
    if (family === 'number')
      return pick(
        [`${name} > -1000`, `${name} <> 13`, `${name} IN (0, 1, 2, 3)`, `${name} BETWEEN 0 AND 100`],
        condition,
      )
    if (family === 'text') {
      const texts = [`<> 'it''s, (x)'`, `LIKE 'a%' OR ${name} IS NOT NULL`].map((rest) => `${name} ${rest}`)
      return pick([...texts, `length(${name}) < 150`, `lower(${name}) <> 'q'`], condition)
    }
    return `${name} IS NOT NULL`
  }

  #index(resolved: Resolved, index: IndexModel): Decorator[] {
    const columns = keyColumns(resolved, index.columns)
    if (columns.length === 0) return []
    const method = this.#isPostgres && !index.unique ? this.#method(resolved, index) : undefined
    const where = this.#condition(resolved, {
      ...index,
      column: index.columns[0] ?? 0,
      condition: index.where - 1,
      deferrable: 0,
    })
    const options = {
      unique: index.unique ? true : undefined,
      where: index.where === 0 ? undefined : where,
      type: method,
    }
    const single = method === 'hash' || method === 'gin' || method === 'gist'
    return [
      {
        name: 'Index',
        args: named(this.#constraintName('ix', index, resolved), single ? columns.slice(0, 1) : columns, options),
      },
    ]
  }

  #method(resolved: Resolved, index: IndexModel): string | undefined {
    const first = index.columns.map((id) => resolved.columns.get(id)).find((column) => column?.type.key === true)
    const method = pick(methods, index.method)
    if (first === undefined || method === undefined) return undefined
    const { options, family, enum: isEnum } = first.type
    const fits = {
      hash: (family === 'number' || family === 'text') && isEnum === undefined,
      gin: options['array'] === true || options['type'] === 'jsonb' || options['type'] === 'tsvector',
      gist: family === 'range',
      brin: family === 'number' && index.columns.length === 1,
    }
    return fits[method] && isEnum === undefined ? method : undefined
  }

  #exclusion(resolved: Resolved, exclusion: CheckModel): Decorator[] {
    if (!this.#isPostgres) return []
    const column = resolved.columns.get(exclusion.column)
    if (column?.type.family !== 'range') return []
    const expression = `USING gist (${quote(column.name)} WITH ${exclusion.condition % 2 === 0 ? '&&' : '='})`
    const deferrable = pick(deferrables, exclusion.deferrable)
    return [
      { name: 'Exclusion', args: named(this.#constraintName('ex', exclusion, resolved), expression, { deferrable }) },
    ]
  }

  /** Undefined if TypeORM must derive the name. */
  #constraintName(
    prefix: string,
    { id, name }: { readonly id: number; readonly name: number },
    { schema, table }: Resolved,
  ): string | undefined {
    if (name === 0) return undefined
    const space = prefix === 'ck' ? `check ${String(table.id)}` : `relation ${schema ?? ''}`
    return this.#free(space, `${prefix} ${String(name)}`, id + 10 * table.id)
  }

  #viewCondition(view: ViewModel, table: Resolved, columns: readonly string[]): string {
    if (view.where % 3 === 1) return ` WHERE ${quote(columns[0] ?? '')} IS NOT NULL`
    const first = [...table.columns.values()].find((column) => columns.includes(column.name))
    if (view.where % 3 === 0 || first === undefined) return ''
    const condition = this.#condition(table, {
      id: 0,
      name: 0,
      column: first.model.id,
      condition: view.id,
      deferrable: 0,
    })
    return condition === undefined ? '' : ` WHERE ${condition}`
  }

  #view(
    view: ViewModel,
    known: Map<number, { readonly name: string; readonly schema: string | undefined; readonly columns: number }>,
  ): ClassModel | undefined {
    const schema = this.#isPostgres ? pick(schemas, view.schema) : undefined
    const table = this.#tables.get(view.of)
    const other = known.get(view.of - 100)
    const source = table ?? other
    if (source === undefined) return undefined
    const all =
      table === undefined
        ? []
        : [...table.key.map((column) => column.name), ...[...table.columns.values()].map((column) => column.name)]
    const chosen =
      table === undefined ? ['a0'] : [...new Set(view.columns.map((place) => all[place % all.length] ?? ''))]
    const columns = chosen.length === 0 ? all.slice(0, 1) : chosen
    const name = this.#free(`relation ${schema ?? ''}`, pick(viewNames, view.name), view.id)
    const from = source.schema === undefined ? quote(source.name) : `${quote(source.schema)}.${quote(source.name)}`
    const list = columns.map((column, place) => `t.${quote(column)} AS "a${String(place)}"`)
    const condition = table === undefined ? '' : this.#viewCondition(view, table, columns)
    // TypeORM maps only the listed columns; the view has all columns.
    const selected = view.form === 1 && table !== undefined ? [...list, 't.*'] : list
    const grouped =
      view.form === 2 && table !== undefined && this.#isPostgres
        ? ` GROUP BY ${table.key.map((column) => `t.${quote(column.name)}`).join(', ')}`
        : ''
    const materialized = this.#isPostgres && view.materialized
    known.set(view.id, { name, schema, columns: columns.length })
    return {
      name: `V${String(view.id)}`,
      decorators: [
        {
          name: 'ViewEntity',
          args: [
            {
              name,
              schema,
              expression: `SELECT ${selected.join(', ')} FROM ${from} t${condition}${grouped}`,
              materialized: materialized ? true : undefined,
              dependsOn: table === undefined ? [`V${String(view.of - 100)}`] : undefined,
            },
          ],
        },
      ],
      properties: columns.map((_, place) => ({
        name: `a${String(place)}`,
        decorators: [
          { name: 'ViewColumn', args: [{ name: `a${String(place)}` }] },
          ...(materialized && view.index && place === 0 && table !== undefined && columns[0] === table.key[0]?.name
            ? [{ name: 'Index', args: [] }]
            : []),
        ],
      })),
    }
  }
}

function withName({ name, args }: Decorator, column: string): Decorator {
  const last = args.at(-1)
  const options = typeof last === 'object' ? last : {}
  return { name, args: [...args.filter((arg) => typeof arg !== 'object'), { name: column, ...options }] }
}

function isGenerated({ key }: Resolved): boolean {
  return key.some(({ decorator }) => decorator.name === 'PrimaryGeneratedColumn')
}

/** The properties that can be part of a key, in the order of `ids`. */
function keyColumns({ columns }: Resolved, ids: readonly number[]): string[] {
  return [...new Set(ids)].filter((id) => columns.get(id)?.type.key === true).map((id) => `c${String(id)}`)
}

function defaultOf(model: ColumnModel, type: ColumnType, values: readonly string[] | undefined): Argument | undefined {
  if (model.default === 0) return undefined
  if (values !== undefined) {
    const value = pick(values, model.default)
    return type.enum === 'enum[]' ? [value] : value
  }
  return type.defaults.length === 0 ? undefined : pick(type.defaults, model.default - 1)
}

/** The expression of a computed column, from another column of the same family that is not computed. */
function generatedFrom({ columns }: Resolved, model: ColumnModel, type: ColumnType): string | undefined {
  if (model.generated === 'no' || type.enum !== undefined || (type.family !== 'number' && type.family !== 'text'))
    return undefined
  const source = [...columns.values()].find(
    (column) =>
      column.model.id !== model.id &&
      column.model.generated === 'no' &&
      column.type.family === type.family &&
      column.type.enum === undefined,
  )
  if (source === undefined) return undefined
  const factor = String(2 + (model.default % 2))
  return type.family === 'number' ? `${quote(source.name)} * ${factor}` : `${quote(source.name)} || '${factor}'`
}

function wordsOf(words: readonly string[], places: readonly number[]): string[] {
  const found = [...new Set(places.map((place) => pick(words, place)))]
  return found.length === 0 ? words.slice(0, 1) : found
}

function named(
  name: string | undefined,
  ...rest: readonly (Argument | Record<string, Argument | undefined>)[]
): Argument[] {
  const args = rest.filter(
    (item) =>
      typeof item !== 'object' || Array.isArray(item) || Object.values(item).some((value) => value !== undefined),
  )
  return name === undefined ? args : [name, ...args]
}

function quote(name: string): string {
  return `"${name}"`
}

function pick<T>(list: readonly T[], place: number): T {
  return list[((place % list.length) + list.length) % list.length] as T
}
