import type { MigrationInterface, QueryRunner } from 'typeorm'

import type { Dialect } from '../dialect/dialect'
import { isAludelError } from '../errors'
import type { RevisionFiles } from '../history/state'
import type { Revision } from '../revision/revision'
import { extensionsMadeBy, withCountedExtensions } from '../schema/extensions'
import type { Schema } from '../schema/schema'
import { plural } from '../text'
import type { SchemaCache } from './cache'
import { replay } from './replay'
import type { Shadows } from './shadows'
import { observed } from './statements'
import { type Wanted, wantedSchema } from './wanted'

/** What is needed to build the schemas of a project on shadow databases. */
export interface SchemaSources {
  readonly cache: SchemaCache
  readonly reporter: { readonly progress: (message: string) => void; readonly warn: (message: string) => void }
  readonly revisions: {
    readonly loadToReplay: (revision: Revision) => Promise<MigrationInterface>
    read(): Promise<RevisionFiles>
  }
  readonly connection: {
    /** The tables of TypeORM and of this tool. */
    ignoreTables(): Promise<readonly string[]>
  }
  shadows(): Promise<Shadows>
}

/**
 * The schema of the given revisions, from a replay on a shadow database or from the cache.
 *
 * @param revisions in run order; default is all
 */
export async function replayedSchema(
  sources: SchemaSources,
  dialect: Dialect,
  revisions?: readonly Revision[],
): Promise<Schema> {
  const [schema] = await schemasAlong(sources, dialect, revisions ?? (await sources.revisions.read()).graph.order, [])
  if (schema === undefined) throw new Error('a replay returns a schema')
  return schema
}

/**
 * The schema of the given revisions, if an earlier replay has left it in the cache. No database is made, and no code is executed.
 *
 * @param revisions in run order
 */
export async function knownSchema(
  sources: SchemaSources,
  dialect: Dialect,
  revisions: readonly Revision[],
): Promise<Schema | null> {
  const { setting } = await (await sources.shadows()).server(dialect)
  const ignoreTables = await sources.connection.ignoreTables()
  return sources.cache.get(sources.cache.key(dialect.name, setting, revisions, ignoreTables))
}

/**
 * The schema of the revisions `base`, and the schema after each revision of `then`, from a replay on a shadow database in
 * this order, or from the cache.
 *
 * @throws AludelError `ALUDEL_REPLAY`
 */
export async function schemasAlong(
  sources: SchemaSources,
  dialect: Dialect,
  base: readonly Revision[],
  then: readonly Revision[],
): Promise<readonly Schema[]> {
  const ignoreTables = await sources.connection.ignoreTables()
  const shadows = await sources.shadows()
  const server = await shadows.server(dialect)
  const { cache } = sources
  const keys = [base.length, ...then.map((_, index) => base.length + index + 1)].map((length) =>
    cache.key(dialect.name, server.setting, [...base, ...then].slice(0, length), ignoreTables),
  )
  const cached = await Promise.all(keys.map((key) => cache.get(key)))
  const known = cached.filter((schema) => schema !== null)
  if (known.length === keys.length) return known
  sources.reporter.progress(`replaying ${plural(base.length + then.length, 'revision')} on ${dialect.name}`)
  const schemas = await shadows.withRunner(dialect, async (runner) => {
    const extensions: string[] = []
    const load = async (revision: Revision) =>
      observed(await sources.revisions.loadToReplay(revision), ({ sql }) => extensions.push(...extensionsMadeBy(sql)))
    const read = async (): Promise<Schema> =>
      withCountedExtensions(await dialect.introspection.read(runner, { ignoreTables }), extensions)
    await replay(dialect, runner, base, 'upgrade', load)
    // Reading a schema takes longer than running a revision.
    const found = [cached[0] ?? (await read())]
    for (const [index, revision] of then.entries()) {
      await replay(dialect, runner, [revision], 'upgrade', load)
      found.push(cached[index + 1] ?? (await read()))
    }
    return found
  })
  for (const [index, schema] of schemas.entries())
    if (schema !== cached[index]) await cache.set(keys[index] ?? '', schema)
  return schemas
}

/**
 * The schema that the entities declare, in one dialect.
 *
 * Entities may use objects that only a hand-written revision creates: a function in a default, a type of an extension, a
 * sequence. If something is missing, they are created again in a database where the revisions ran and all tables were
 * dropped.
 *
 * @param look called with the database in which the entities were created
 * @throws AludelError `ALUDEL_ENTITIES`
 */
export async function entitySchema(
  sources: SchemaSources,
  dialect: Dialect,
  look?: (runner: QueryRunner) => Promise<void>,
): Promise<Wanted> {
  sources.reporter.progress(`reading the entities on ${dialect.name}`)
  const { warn: onWarning } = sources.reporter
  const ignoreTables = await sources.connection.ignoreTables()
  const places = { shadows: await sources.shadows(), cache: sources.cache, ignoreTables }
  try {
    return await wantedSchema(dialect, places, { onWarning, look })
  } catch (error) {
    const { graph } = await sources.revisions.read()
    const mayBeMade = isAludelError(error) && dialect.errors.isMissingObject(error.cause) && graph.order.length > 0
    if (!mayBeMade) throw error
    const prepare = async (runner: QueryRunner): Promise<void> => {
      await replay(dialect, runner, graph.order, 'upgrade', sources.revisions.loadToReplay)
      const schema = await dialect.introspection.read(runner, { ignoreTables })
      for (const statement of dialect.shadow.dropEntityObjects(schema)) await runner.query(statement)
    }
    return await wantedSchema(dialect, places, { onWarning, prepare, look })
  }
}
