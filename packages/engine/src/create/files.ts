import path from 'node:path'

import { mergeOperations } from '../difference/merge-dialects'
import { AludelError } from '../errors'
import { readTemplate } from '../files/template'
import { newRevisionId, renderFile, type RenderedFile, type RevisionFileSpec, writeRevisionFile } from '../files/write'
import type { MigratorContext } from '../project/context'
import type { CreateResult } from '../results'
import { operationsByDialect } from './diff'
import { headerLines } from './header'
import type { CreateOptions } from './options'
import { fileLanguage, nextTimestamp } from './place'
import type { ProvedPart } from './proved-parts'

type CreatedRevision = NonNullable<CreateResult['created']>

/** Where a new revision is put. */
export interface NewPlace {
  readonly message: string
  readonly parents: readonly string[]
  readonly options: Pick<CreateOptions, 'revisionId' | 'branchLabels' | 'dependsOn'>
}

/** Refuses a template that cannot be used before anything is asked or proved. */
export async function checkTemplate(context: MigratorContext): Promise<void> {
  const [directory] = context.revisions.directories
  if (directory !== undefined) await readTemplate(directory, await fileLanguage(context, directory))
}

/**
 * The files of proved parts: each after the first depends on the one before.
 *
 * @param remarks for the first file: answers, losses, needs
 */
export async function filesOf(
  context: MigratorContext,
  place: NewPlace,
  parts: readonly ProvedPart[],
  remarks: readonly string[],
): Promise<readonly RevisionFileSpec[]> {
  const names = (await context.connection.dialects()).map(({ name }) => name)
  const files: RevisionFileSpec[] = []
  for (const { diffs, bodies, transactional } of parts) {
    const header = headerLines(mergeOperations(operationsByDialect(diffs)), names)
    const before = files.at(-1)
    files.push(
      before === undefined
        ? await specOf(context, place, 0, { header: [...header, ...apart(remarks)], body: bodies, transactional })
        : await specOf(
            context,
            {
              message: `${place.message} (${onlyIndexes(diffs) ? 'concurrently' : 'online'})`,
              parents: [before.id],
              options: {},
            },
            files.length,
            { header, body: bodies, transactional },
          ),
    )
  }
  return files
}

/** True if it does nothing but build indexes. */
function onlyIndexes(diffs: ProvedPart['diffs']): boolean {
  return diffs.every(({ operations }) => operations.every(({ op }) => op === 'createIndex'))
}

/** The file of an empty revision. */
export function emptyFile(context: MigratorContext, place: NewPlace): Promise<RevisionFileSpec> {
  return specOf(context, place, 0, { header: [], body: null, transactional: true })
}

interface Content extends Pick<RevisionFileSpec, 'body'> {
  readonly header: readonly string[]
  readonly transactional: boolean
}

/** @param number of files before it */
async function specOf(
  context: MigratorContext,
  { message, parents, options }: NewPlace,
  number: number,
  { header, body, transactional }: Content,
): Promise<RevisionFileSpec> {
  const { graph } = await context.revisions.read()
  const dialects = await context.connection.dialects()
  return {
    id: options.revisionId ?? newRevisionId(),
    timestamp: nextTimestamp(context.now(), graph.all) + number,
    message: message.trim(),
    downRevision: parents,
    branchLabels: options.branchLabels ?? [],
    dependsOn: options.dependsOn ?? [],
    language: await fileLanguage(context, directoryOf(context)),
    transaction: transactional ? undefined : false,
    header,
    body,
    driverTypes: Object.fromEntries(dialects.map((dialect) => [dialect.name, dialect.connection.driverTypes])),
  }
}

/** Writes files, in their order. */
export async function writeFiles(
  context: MigratorContext,
  specs: readonly RevisionFileSpec[],
): Promise<readonly CreatedRevision[]> {
  const written: CreatedRevision[] = []
  for (const spec of specs) {
    const { path: file } = await writeRevisionFile(directoryOf(context), spec)
    context.revisions.forget()
    written.push({ revision: spec.id, path: file })
  }
  return written
}

/** The files as they would be written. */
export function renderFiles(
  context: MigratorContext,
  specs: readonly RevisionFileSpec[],
): Promise<readonly RenderedFile[]> {
  return Promise.all(specs.map((spec) => renderFile(directoryOf(context), spec)))
}

function directoryOf({ revisions: { directories } }: MigratorContext): string {
  const [directory] = directories
  if (directory === undefined) throw new AludelError('ALUDEL_CONFIG', 'there is no revision directory to write to')
  return path.resolve(directory)
}

/** The lines after an empty line. */
function apart(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', ...lines]
}
