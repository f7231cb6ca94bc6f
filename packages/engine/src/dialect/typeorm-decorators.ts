import type { DataSource } from 'typeorm'

/** What decorators said, as far as it is needed here; TypeORM 0.3 and 1.x keep it in a global variable. */
interface DecoratedColumn {
  readonly options: { default?: unknown }
}

/** Defaults as the decorators gave them, by the options of their columns. */
const given = new WeakMap<object, { readonly value: unknown } | null>()

/**
 * Initializes a DataSource from what decorators said, and leaves that as it was.
 *
 * TypeORM writes the default with which a child class overrides a column into the options of the parent's decorator, so
 * that the second DataSource of a process finds the child's default on the parent's table too. Here there are many
 * DataSources in one process, and all of them shall see what the application's only one sees.
 */
export async function initializeUntouched(dataSource: DataSource): Promise<void> {
  putBack()
  try {
    await dataSource.initialize()
  } finally {
    putBack()
  }
}

function putBack(): void {
  for (const { options } of decoratedColumns()) {
    const known = given.get(options)
    if (known === undefined) given.set(options, 'default' in options ? { value: options.default } : null)
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
