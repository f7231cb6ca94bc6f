import type { DataSource, DataSourceOptions } from 'typeorm'

import { AludelError } from '../../errors'
import type { ShadowDatabase, ShadowOptions, ShadowOrigin, ShadowServer } from '../roles/shadow'
import { initializeInformed, readEntities } from '../typeorm-decorators'
import { type EmbeddedServer, startEmbedded } from './embedded'
import { constructDataSource } from '../driver-error'
import { connectError, errorText, isConnectionFault, sqlStateOf } from './errors'
import { keepPlans } from './introspect/kept-plan'
import { newShadowName, quote } from './names'
import { connect, connectAdmin } from './shadow-connect'
import { awaitNoSessions, dropDatabase } from './shadow-drop'
import { empty } from './shadow-emptied'
import {
  type Connection,
  shadowOptions,
  templateConnection,
  toDatabase,
  urlConnection,
  withSearchPath,
} from './shadow-options'
import { type Configured, readConfigured } from './shadow-configured'
import { createOwnSchema, createSchema, dropSchema, schemaOptions } from './shadow-schema'
import { removeStaleShadows } from './shadow-stale'

/** `insufficient_privilege` */
const refused = '42501'

/**
 * Opens a server for scratch databases: `options.url`, else the template's server when it is a PostgreSQL, else an
 * embedded one. Where the user may not create databases, temporary schemas of the configured database replace them.
 *
 * @throws AludelError `ALUDEL_SHADOW`, or the reason why the server cannot be reached
 */
export async function openShadow(options: ShadowOptions): Promise<ShadowServer> {
  const { template, url, onProgress } = options
  const configured = url === undefined ? templateConnection(template) : urlConnection(url)
  if (configured !== undefined) return PostgresShadow.open(template, configured)
  onProgress?.('starting an embedded PostgreSQL')
  const { close, ...connection } = await startEmbedded()
  return PostgresShadow.open(template, connection, { close })
}

interface Described {
  /** Of the database that it will connect to. */
  readonly name: string
  readonly dataSource: DataSource
}

class PostgresShadow implements ShadowServer {
  readonly dialect = 'postgres'
  readonly #template: DataSource
  readonly #connection: Connection
  readonly #admin: DataSource
  readonly #configured: Configured
  readonly #embedded: Pick<EmbeddedServer, 'close'> | undefined
  readonly #open = new Set<ShadowDatabase>()
  /** Databases with the template's options that were given back: emptied when the next one is opened. */
  readonly #used: ShadowDatabase[] = []
  /** A DataSource that knows the entities, for a database that is not there yet. */
  #described: Described | undefined
  /** The names of whole databases; a schema of the configured one has none. */
  readonly #names = new WeakMap<ShadowDatabase, string>()
  /** Kept as origins of copies. */
  readonly #origins = new Set<string>()
  /** Whether the leftovers of killed runs were removed. Who makes nothing removes nothing either. */
  #isSwept: boolean

  private constructor(
    template: DataSource,
    connection: Connection,
    admin: DataSource,
    configured: Configured,
    embedded?: Pick<EmbeddedServer, 'close'>,
  ) {
    this.#template = template
    this.#connection = connection
    this.#admin = admin
    this.#configured = configured
    this.#embedded = embedded
    this.#isSwept = embedded !== undefined
  }

  static async open(
    template: DataSource,
    connection: Connection,
    embedded?: Pick<EmbeddedServer, 'close'>,
  ): Promise<PostgresShadow> {
    let admin: DataSource | undefined
    try {
      admin = await connectAdmin(template, connection)
      return new PostgresShadow(template, connection, admin, await readConfigured(admin), embedded)
    } catch (error) {
      await admin?.destroy().catch(() => undefined)
      await embedded?.close()
      throw error
    }
  }

  get setting(): string {
    const { version, schema, searchPath, hasPublic } = this.#configured
    const { options } = this.#template
    return JSON.stringify([version, options.type === 'postgres' ? options.schema : null, schema, searchPath, hasPublic])
  }

  async describe(): Promise<{ dataSource: DataSource; options: Partial<DataSourceOptions> }> {
    const name = newShadowName()
    const connection = this.#withSearchPath(toDatabase(this.#connection, name))
    const dataSource = constructDataSource(this.#template, shadowOptions(this.#template, connection, {}))
    await readEntities(dataSource)
    this.#described = { name, dataSource }
    return { dataSource, options: shadowOptions(this.#template, {}, {}) }
  }

  async open(overrides?: Partial<DataSourceOptions>): Promise<ShadowDatabase> {
    const used = overrides === undefined ? this.#used.pop() : undefined
    if (used === undefined) {
      const described = overrides === undefined ? this.#described : undefined
      if (described !== undefined) this.#described = undefined
      return this.#create(overrides, described)
    }
    if (await empty(used.dataSource)) {
      await createOwnSchema(used.dataSource)
      return used
    }
    await used.drop()
    return this.open()
  }

  openBeside(): Promise<ShadowDatabase> {
    return this.open()
  }

  async #create(
    overrides: Partial<DataSourceOptions> | undefined,
    { name, dataSource }: Partial<Described> & { readonly name: string } = { name: newShadowName() },
  ): Promise<ShadowDatabase> {
    if (!this.#isSwept) {
      this.#isSwept = true
      await removeStaleShadows(this.#admin)
    }
    try {
      await this.#admin.query(`CREATE DATABASE ${quote(name)} TEMPLATE template0 ${this.#configured.options}`)
    } catch (cause) {
      if (sqlStateOf(cause) === refused) return this.#openSchema(name, overrides)
      throw new AludelError('ALUDEL_SHADOW', `no shadow database can be created: ${errorText(cause)}`, {
        help: 'Name a server on which you may create databases, in the configuration: shadow.postgres. Nothing was changed.',
        cause,
      })
    }
    return this.#openDatabase(name, { isNew: true, overrides, described: dataSource })
  }

  /**
   * Connects to a database that was just created; drops it if that fails.
   *
   * @param how.isNew it is empty, and gets what the configured database has before its first revision
   * @param how.described a DataSource that knows the entities, and is not connected yet
   */
  #openDatabase(
    name: string,
    how: {
      readonly isNew: boolean
      readonly overrides?: Partial<DataSourceOptions>
      readonly described?: DataSource
    },
  ): Promise<ShadowDatabase> {
    const { isNew, overrides, described } = how
    return orRemove(
      () => dropDatabase(this.#admin, name),
      async (remove) => {
        const connection = toDatabase(this.#connection, name)
        if (isNew) await this.#prepare(connection)
        const options = shadowOptions(this.#template, this.#withSearchPath(connection), overrides ?? {})
        const dataSource = described ?? constructDataSource(this.#template, options)
        const isPlain = isNew && overrides === undefined && this.#hasPublic
        const database = await this.#initialize(dataSource, options, remove, isPlain)
        if (isNew) {
          keepPlans(dataSource)
          await createOwnSchema(dataSource)
        }
        this.#names.set(database, name)
        return database
      },
    )
  }

  /** The server copies a database to which nobody is connected. Settings of the database itself (ALTER DATABASE … SET) are not copied. */
  async keep(database: ShadowDatabase): Promise<ShadowOrigin | undefined> {
    const origin = this.#names.get(database)
    if (origin === undefined) return undefined
    this.#open.delete(database)
    this.#origins.add(origin)
    await database.dataSource.destroy()
    await awaitNoSessions(this.#admin, origin)
    return {
      copy: () => this.#copy(origin),
      drop: async () => {
        this.#origins.delete(origin)
        await dropDatabase(this.#admin, origin).catch(() => undefined)
      },
    }
  }

  async #copy(origin: string): Promise<ShadowDatabase> {
    const name = newShadowName()
    await this.#admin.query(`CREATE DATABASE ${quote(name)} TEMPLATE ${quote(origin)} ${this.#configured.strategy}`)
    return this.#openDatabase(name, { isNew: false })
  }

  async close(): Promise<void> {
    for (const database of this.#open) await database.drop()
    for (const origin of this.#origins) await dropDatabase(this.#admin, origin).catch(() => undefined)
    await this.#admin.destroy().catch(() => undefined)
    await this.#embedded?.close()
  }

  /** @param reusable whether it can be emptied and given out again */
  async #initialize(
    dataSource: DataSource,
    options: DataSourceOptions,
    remove: () => Promise<unknown>,
    reusable = false,
  ): Promise<ShadowDatabase> {
    try {
      await initializeInformed(dataSource)
    } catch (error) {
      if (dataSource.isInitialized) await dataSource.destroy().catch(() => undefined)
      throw isConnectionFault(error) ? connectError(error, options) : error
    }
    const database: ShadowDatabase = {
      dataSource,
      drop: async () => {
        this.#open.delete(database)
        if (dataSource.isInitialized) await dataSource.destroy().catch(() => undefined)
        await remove().catch(() => undefined)
      },
      giveBack: async () => {
        if (reusable) this.#used.push(database)
        else await database.drop()
      },
    }
    this.#open.add(database)
    return database
  }

  /** Creates a temporary schema of the configured database, which the user may create instead of a database. */
  async #openSchema(name: string, overrides: Partial<DataSourceOptions> | undefined): Promise<ShadowDatabase> {
    await createSchema(this.#admin, name)
    return orRemove(
      () => dropSchema(this.#admin, name),
      async (remove) => {
        const own = await schemaOptions(this.#admin, name, overrides)
        const options = shadowOptions(this.#template, withSearchPath(this.#connection, name), own)
        return this.#initialize(constructDataSource(this.#template, options), options, remove)
      },
    )
  }

  /** Whether the configured database has the default schema of new databases. */
  get #hasPublic(): boolean {
    return this.#configured.schema === 'public' && this.#configured.hasPublic
  }

  /** Gives the shadow the default schema of the configured database. */
  async #prepare(connection: Connection): Promise<void> {
    const { schema, hasPublic } = this.#configured
    if (schema === null || this.#hasPublic) return
    const admin = await connect(this.#template, connection)
    try {
      await admin.query(`CREATE SCHEMA IF NOT EXISTS ${quote(schema)}`)
      if (!hasPublic) await admin.query('DROP SCHEMA IF EXISTS "public"')
    } finally {
      await admin.destroy()
    }
  }

  /** The search_path may be set for the configured database only. */
  #withSearchPath(connection: Connection): Connection {
    const { schema, searchPath } = this.#configured
    return schema === null || this.#hasPublic ? connection : withSearchPath(connection, searchPath)
  }
}

/**
 * Opens what was just created.
 *
 * @param remove drops it if it cannot be opened, and when it is given back
 */
async function orRemove(
  remove: () => Promise<unknown>,
  open: (remove: () => Promise<unknown>) => Promise<ShadowDatabase>,
): Promise<ShadowDatabase> {
  try {
    return await open(remove)
  } catch (error) {
    await remove().catch(() => undefined)
    throw error
  }
}
