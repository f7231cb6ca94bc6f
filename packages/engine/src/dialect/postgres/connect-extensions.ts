import type { DataSource } from 'typeorm'

import { extensionsMadeBy } from '../../schema/extensions'
import { withMetadata } from '../entity-metadata'
import { quote } from './names'

/** What `checkMetadataForExtensions` of TypeORM's driver finds in the entities. */
type Flags = Readonly<Record<string, unknown>>

/** An extension that TypeORM creates for entities, and the statements that need it. */
interface Made {
  readonly flag: string
  readonly extension: string
  readonly needed: RegExp
}

/** https://github.com/typeorm/typeorm/blob/master/src/driver/postgres/PostgresDriver.ts, `enableExtensions` */
const made: readonly Made[] = [
  { flag: 'hasUuidColumns', extension: 'uuid-ossp', needed: /\buuid_(?:generate|nil|ns)_\w+/i },
  { flag: 'hasUuidColumns', extension: 'pgcrypto', needed: /\b(?:gen_random_\w+|crypt|digest|hmac)\s*\(/i },
  { flag: 'hasCitextColumns', extension: 'citext', needed: /\bcitext\b/i },
  { flag: 'hasHstoreColumns', extension: 'hstore', needed: /\bhstore\b/i },
  { flag: 'hasGeometryColumns', extension: 'postgis', needed: /\bgeo(?:metry|graphy)\b/i },
  { flag: 'hasCubeColumns', extension: 'cube', needed: /\bcube\b/i },
  { flag: 'hasLtreeColumns', extension: 'ltree', needed: /\bltree\b/i },
  { flag: 'hasVectorColumns', extension: 'vector', needed: /\b(?:half|sparse)?vec(?:tor)?\b/i },
  { flag: 'hasExclusionConstraints', extension: 'btree_gist', needed: /\bEXCLUDE\b/i },
]

/**
 * The extensions that TypeORM would create when it connects, and that these statements need: a script runs on a database
 * to which TypeORM may never have connected.
 *
 * @param statements of the script; an extension that they create themselves is left out
 * @returns statements
 */
export async function connectExtensions(dataSource: DataSource, statements: readonly string[]): Promise<string[]> {
  const { installExtensions, uuidExtension, extensions } = dataSource.options as {
    readonly installExtensions?: boolean
    readonly uuidExtension?: string
    /** Since TypeORM 1.0. */
    readonly extensions?: readonly string[]
  }
  if (installExtensions === false) return []
  const flags = await flagsOf(dataSource)
  const needed = made.filter(
    ({ flag, extension, needed: pattern }) =>
      flags[flag] === true &&
      (flag !== 'hasUuidColumns' || extension === (uuidExtension ?? 'uuid-ossp')) &&
      statements.some((sql) => pattern.test(sql)),
  )
  const own = new Set(statements.flatMap(extensionsMadeBy))
  const names = new Set([...needed.map(({ extension }) => extension), ...(extensions ?? [])])
  return [...names].filter((name) => !own.has(name)).map((name) => `CREATE EXTENSION IF NOT EXISTS ${quote(name)}`)
}

/** What TypeORM's driver itself finds, without a connection. */
async function flagsOf(dataSource: DataSource): Promise<Flags> {
  let source: DataSource
  try {
    source = await withMetadata(dataSource)
  } catch {
    // TypeORM does not accept the entities, so it does not connect and creates nothing.
    return {}
  }
  const check: unknown = Reflect.get(source.driver, 'checkMetadataForExtensions')
  if (typeof check !== 'function') return {}
  return await (Reflect.apply(check, source.driver, []) as Promise<Flags>)
}
