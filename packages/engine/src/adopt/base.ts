import { rm } from 'node:fs/promises'

import { placeOf } from '../create/create'
import { type DialectDiff, diffOf, entityPair, livePair } from '../create/diff'
import { checkTemplate, filesOf, writeFiles } from '../create/files'
import { proveParts } from '../create/proved-parts'
import type { Dialect } from '../dialect/dialect'
import type { UnreadObject } from '../dialect/roles/introspection'
import { AludelError, isAludelError } from '../errors'
import type { RevisionFileSpec } from '../files/write'
import type { MigratorContext } from '../project/context'
import type { AdoptResult } from '../results'
import { extensionPlaces, withCountedExtensions } from '../schema/extensions'
import { emptySchema } from '../schema/schema'
import { entitySchema } from '../shadow/schemas'
import type { Live } from './survey'
import { withoutTables } from '../history/recognize'

/** A revision without parents that makes the schema of a database, proved and not written yet. */
export interface BaseRevision {
  readonly diff: DialectDiff
  readonly file: RevisionFileSpec
}

/** What makes the schema of a database, from nothing; without ignored objects and without the tables of tools. */
export async function baseDiff(context: MigratorContext, dialect: Dialect, live: Live): Promise<DialectDiff> {
  const schema = withCountedExtensions(withoutTables(live.schema, live.tools))
  const pair = await livePair(context, dialect, emptySchema, schema)
  const schemas = [...new Set([...pair.to.schemas, ...extensionPlaces(schema)])].sort()
  return diffOf({ ...pair, to: { ...pair.to, schemas, extensions: schema.extensions } })
}

/** What makes the schema of the entities, in the other dialects of the project: there, no database shows what was. */
async function otherDiffs(context: MigratorContext, live: Dialect): Promise<readonly DialectDiff[]> {
  const diffs: DialectDiff[] = []
  for (const dialect of await context.connection.dialects()) {
    if (dialect.name === live.name) continue
    diffs.push(diffOf(entityPair(context, dialect, emptySchema, await entitySchema(context, dialect))))
  }
  return diffs.filter(({ operations }) => operations.length > 0)
}

/**
 * Writes the statements of the first revision, and proves on a shadow database that a replay of them gives the schema of the database.
 *
 * @throws AludelError `ALUDEL_PROOF`, `ALUDEL_NOTHING_TO_DO` if all that the database has is ignored
 */
export async function proveBase(
  context: MigratorContext,
  dialect: Dialect,
  live: Live,
  { message, unread }: { readonly message: string; readonly unread: readonly UnreadObject[] },
): Promise<BaseRevision> {
  await checkTemplate(context)
  const place = await placeOf(context, message, {})
  const diff = await baseDiff(context, dialect, live)
  if (diff.operations.length === 0) {
    throw new AludelError(
      'ALUDEL_NOTHING_TO_DO',
      'there is nothing to take over: everything in the database is ignored',
    )
  }
  const diffs = [diff, ...(await otherDiffs(context, dialect))]
  const parts = await proveParts(context, [{ diffs, transactional: true }], false).catch((error: unknown) => {
    throw unread.length > 0 && isAludelError(error) && error.code === 'ALUDEL_PROOF'
      ? needsUnread(error, unread)
      : error
  })
  const [file] = await filesOf(context, place, parts, [])
  if (file === undefined) throw new Error('a part has a file')
  return { diff, file }
}

/** The error of a proof, in a database with objects that no operation creates. */
function needsUnread(error: AludelError, unread: readonly UnreadObject[]): AludelError {
  return new AludelError('ALUDEL_PROOF', error.message, {
    help: [
      ...(error.help === undefined ? [] : [error.help]),
      'The database has objects that Aludel does not create:',
      ...unread.map(({ kind, name }) => `  ${kind} ${name}`),
      'Add the tables that need them to `ignore` in the configuration ("table:NAME"), and run this again. Or write the first revision',
      'yourself, with these objects before the tables (aludel migrate create "first" --no-autogenerate): `adopt` compares with it.',
    ].join('\n'),
    details: { ...error.details, unread },
    cause: error,
  })
}

/** Writes the file, and calls `record`; if that fails, the file is removed again. */
export async function withBaseFile(
  context: MigratorContext,
  file: RevisionFileSpec,
  record: () => Promise<void>,
): Promise<NonNullable<AdoptResult['created']>> {
  const [created] = await writeFiles(context, [file])
  if (created === undefined) throw new Error('a file was written')
  try {
    await record()
  } catch (error) {
    await rm(created.path, { force: true })
    context.revisions.forget()
    throw error
  }
  return created
}
