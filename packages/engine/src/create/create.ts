import { AludelError } from '../errors'
import { howToRemember, rememberUnmanaged } from '../project/remember'
import type { MigratorContext } from '../project/context'
import type { CreateResult } from '../results'
import { findChanges, remarksOf, resultOf } from './changes'
import { splitConcurrent } from './concurrent'
import { checkTemplate, emptyFile, filesOf, type NewPlace, writeFiles } from './files'
import { conditionText } from './needs'
import type { CreateConfirmation, CreateOptions } from './options'
import { lintParts } from './lint-parts'
import { admit, parentsFor } from './place'
import { proveParts, sqlOf } from './proved-parts'

/**
 * Writes a revision with the difference between entities and revisions, after proving it in every dialect.
 *
 * @throws AludelError `ALUDEL_RENAME_QUESTION`, `ALUDEL_UNMANAGED_QUESTION`, `ALUDEL_CONFIRMATION`, `ALUDEL_PROOF`, `ALUDEL_ENTITIES`, `ALUDEL_REPLAY` …;
 *   nothing is written then
 */
export async function createRevision(
  context: MigratorContext,
  message: string,
  asked: CreateOptions,
): Promise<CreateResult> {
  const place = await placeOf(context, message, asked)
  const { options } = place
  const isWritten = options.sql !== true
  if (isWritten) await checkTemplate(context)
  if (options.autogenerate === false) {
    if (!isWritten) return nothing
    const [created = null] = await writeFiles(context, [await emptyFile(context, place)])
    return { ...nothing, created }
  }

  const dialects = await context.connection.dialects()
  const changes = await findChanges(context, dialects, options)
  const { operations, destroys, needs, kept, names } = changes
  if (operations.length === 0) {
    return { ...nothing, names, unmanaged: await noteUnmanaged(context, kept, options) }
  }
  if (isWritten && destroys.length + needs.length > 0)
    await confirmOrRefuse(options, { operations, destroys, conditions: needs.map(conditionText), needs })

  const parts = await proveParts(
    context,
    splitConcurrent(changes.diffs, options.online ?? context.options.online),
    options.from === 'database',
  )
  const outcome = resultOf(changes, sqlOf(dialects, parts))
  if (!isWritten) return { ...outcome, unmanaged: { added: kept, path: null } }
  const files = await filesOf(context, place, parts, remarksOf(changes))
  const [created = null, ...more] = await writeFiles(context, files)
  const unmanaged = await noteUnmanaged(context, kept, options)
  return {
    ...outcome,
    created,
    more: more.length === 0 ? undefined : more,
    unmanaged,
    ...(await lintParts(context, parts)),
  }
}

/**
 * The place of a new revision.
 *
 * @throws AludelError `ALUDEL_USAGE` without a message; as {@link parentsFor} and {@link admit}
 */
export async function placeOf(
  context: MigratorContext,
  message: string,
  asked: CreateOptions,
): Promise<NewPlace & { readonly options: CreateOptions }> {
  if (message.trim() === '') {
    throw new AludelError('ALUDEL_USAGE', 'a revision needs a message', {
      help: 'aludel migrate create "add priority to workflows"',
    })
  }
  context.revisions.allowMissing()
  const parents = await parentsFor(context, asked)
  return { message, parents, options: { ...asked, dependsOn: await admit(context, parents, asked) } }
}

const nothing: CreateResult = {
  created: null,
  operations: [],
  destroys: [],
  sql: {},
  unmanaged: { added: [], path: null },
}

/** Adds kept objects to the configuration, so that there is no question about them again. */
async function noteUnmanaged(
  context: MigratorContext,
  kept: readonly string[],
  { sql }: CreateOptions,
): Promise<CreateResult['unmanaged']> {
  const { configPath = null, unmanaged = [] } = context.options
  const added = [...new Set(kept)].filter((pattern) => !unmanaged.includes(pattern))
  if (added.length === 0 || sql === true) return { added, path: null }
  const path = await rememberUnmanaged(configPath, added)
  if (path === null) context.reporter.warn(howToRemember(configPath, [...unmanaged, ...added]))
  return { added, path }
}

async function confirmOrRefuse(options: CreateOptions, question: CreateConfirmation): Promise<void> {
  if (options.confirm !== undefined && (await options.confirm(question))) return
  const lines = [
    ...question.destroys.map((text) => `loses ${text}`),
    ...question.conditions.map((text) => `needs: ${text}`),
  ]
  throw new AludelError(
    'ALUDEL_CONFIRMATION',
    'the revision loses data or makes assumptions about rows; confirm with --yes',
    {
      help: [
        ...lines,
        ...(question.needs.length === 0
          ? []
          : ['Or use these flags:', ...question.needs.map(({ flag }) => `  ${flag}`)]),
        'Nothing was written. Confirm with --yes.',
      ].join('\n'),
      details: { destroys: question.destroys, conditions: question.conditions, needs: question.needs },
    },
  )
}
