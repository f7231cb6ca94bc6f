import type { DataSource } from 'typeorm'

import { AludelError } from '../../errors'
import { text } from './literal'
import { versionOf } from './statistics'

/** The properties of the configured database that its shadows copy. */
export interface Configured {
  readonly version: string
  readonly schema: string | null
  readonly searchPath: string
  readonly hasPublic: boolean
  /** Options of CREATE DATABASE. */
  readonly options: string
  /** How CREATE DATABASE copies its template: part of {@link options}. */
  readonly strategy: string
}

/** Reads the properties of the configured database that its shadows copy. */
export async function readConfigured(admin: DataSource): Promise<Configured> {
  const [row] = await admin.query<
    {
      version: string
      number: string
      schema: string | null
      path: string
      has_public: boolean
      encoding: string
      database: Record<string, unknown>
      volatile: boolean
    }[]
  >(
    `SELECT current_setting('server_version') AS version, current_setting('server_version_num') AS number,
       current_schema()::text AS schema, current_setting('search_path') AS path,
       EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'public') AS has_public,
       pg_encoding_to_char(d.encoding) AS encoding, to_jsonb(d) AS database,
       current_setting('fsync') = 'off' AS volatile
     FROM pg_catalog.pg_database d WHERE d.datname = current_database()`,
  )
  if (row === undefined) throw new AludelError('ALUDEL_SHADOW', 'the server returned no row about itself')
  const strategy = strategyOf(Number(row.number), row.volatile)
  return {
    version: versionOf(row.version),
    schema: row.schema,
    searchPath: row.path,
    hasPublic: row.has_public,
    options: localeOf(row.encoding, row.database) + strategy,
    strategy,
  }
}

/**
 * Copying the files of the template takes a third of the work of writing every page to the log, but two checkpoints, which
 * are cheap only on a server without fsync.
 */
function strategyOf(version: number, isVolatile: boolean): string {
  return version >= 150000 && isVolatile ? ' STRATEGY file_copy' : ''
}

/** The columns of `pg_database` depend on the version: 15 added a provider, 16 rules, 17 one column for all locales. */
function localeOf(encoding: string, database: Record<string, unknown>): string {
  const value = (name: string): string | undefined => {
    const found = database[name]
    return typeof found === 'string' && found !== '' ? found : undefined
  }
  const options: [string, string | undefined][] = [
    ['ENCODING', encoding],
    ['LC_COLLATE', value('datcollate')],
    ['LC_CTYPE', value('datctype')],
  ]
  const locale = value('datlocale') ?? value('daticulocale')
  if (value('datlocprovider') === 'i')
    options.push(['LOCALE_PROVIDER', 'icu'], ['ICU_LOCALE', locale], ['ICU_RULES', value('daticurules')])
  if (value('datlocprovider') === 'b') options.push(['LOCALE_PROVIDER', 'builtin'], ['BUILTIN_LOCALE', locale])
  return options.flatMap(([name, option]) => (option === undefined ? [] : [`${name} ${text(option)}`])).join(' ')
}
