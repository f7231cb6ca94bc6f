import type { DataSource } from 'typeorm'

/** The part of a decorated column that is needed here; TypeORM 0.3 and 1.x keep these in a global variable. */
interface DecoratedColumn {
  readonly options: { default?: unknown }
}

/** The defaults declared by decorators, by the options of their columns. */
const declared = new WeakMap<object, { readonly value: unknown } | null>()

/**
 * Does something for which TypeORM reads the entities, from the declared decorators, and leaves those unchanged.
 *
 * When a child class overrides the default of a column, TypeORM writes it into the options of the parent's decorator, so
 * that the second DataSource of a process finds the child's default on the parent's table too. This process has many
 * DataSources, and each must see what the only one of an application sees.
 */
async function untouched(work: () => Promise<unknown>): Promise<void> {
  restoreDefaults()
  try {
    await work()
  } finally {
    restoreDefaults()
  }
}

/** Initializes a DataSource; see {@link untouched}. */
export async function initializeUntouched(dataSource: DataSource): Promise<void> {
  await untouched(() => dataSource.initialize())
  informed.add(dataSource)
}

/** DataSources that know their entities, connected or not. */
const informed = new WeakSet<DataSource>()

/**
 * Like {@link initializeUntouched}, but a DataSource that knows its entities already, because it read them without a connection or
 * was initialized before, only connects: with 500 entities, TypeORM takes longer to read those than to open a database.
 */
export async function initializeInformed(dataSource: DataSource): Promise<void> {
  if (!informed.has(dataSource)) {
    await initializeUntouched(dataSource)
    return
  }
  Reflect.set(dataSource, 'buildMetadatas', () => Promise.resolve())
  try {
    await dataSource.initialize()
  } finally {
    Reflect.deleteProperty(dataSource, 'buildMetadatas')
  }
}

/**
 * Makes a DataSource know its entities, without a connection.
 *
 * @throws whatever TypeORM throws for entities that it rejects
 */
export async function readEntities(dataSource: DataSource): Promise<void> {
  const build: unknown = Reflect.get(dataSource, 'buildMetadatas')
  if (typeof build !== 'function') return
  await untouched(() => Reflect.apply(build, dataSource, []) as Promise<unknown>)
  informed.add(dataSource)
}

function restoreDefaults(): void {
  for (const { options } of decoratedColumns()) {
    const known = declared.get(options)
    if (known === undefined) declared.set(options, 'default' in options ? { value: options.default } : null)
    else if (known !== null) options.default = known.value
    else delete options.default
  }
}

function decoratedColumns(): readonly DecoratedColumn[] {
  const storage: unknown = Reflect.get(globalThis, 'typeormMetadataArgsStorage')
  if (typeof storage !== 'object' || storage === null) return []
  const columns: unknown = Reflect.get(storage, 'columns')
  return Array.isArray(columns) ? (columns as DecoratedColumn[]) : []
}

/** The enums that decorated columns declare as objects: those of TypeScript, with their keys. */
export function declaredEnums(): readonly Readonly<Record<string, unknown>>[] {
  return decoratedColumns().flatMap(({ options }) => {
    const declared: unknown = Reflect.get(options, 'enum')
    return isRecord(declared) ? [declared] : []
  })
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
