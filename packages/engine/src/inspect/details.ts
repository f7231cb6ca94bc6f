import { writtenStatements } from '../execution/written'
import { messageOf } from '../errors'
import type { AppliedEntry } from '../history/types'
import type { MigratorContext } from '../project/context'
import type { RevisionInfo } from '../results'
import type { Revision } from '../revision/revision'
import { sumOfEffects } from '../sql/effects'

/** The part of a {@link RevisionInfo} that `details` adds. */
type Details = Pick<RevisionInfo, 'does' | 'appliedAt' | 'appliedBy'>

/**
 * Reads what revisions do from their files, and who applied them from the journal.
 *
 * @param isAsked whether the database is asked
 * @returns by id
 */
export async function readDetails(
  context: MigratorContext,
  revisions: readonly Revision[],
  isAsked: boolean,
): Promise<ReadonlyMap<string, Details>> {
  const entries: ReadonlyMap<string, AppliedEntry> = isAsked
    ? await context.connection.readHistory((history, database) => history.lastApplied(database))
    : new Map()
  const does = await readDoes(context, revisions)
  return new Map(
    revisions.map(({ id, name }) => {
      const entry = entries.get(name)
      const applied = entry === undefined ? {} : { appliedAt: entry.at.toISOString(), appliedBy: entry.actor }
      return [id, { ...does.get(id), ...applied }]
    }),
  )
}

async function readDoes(
  context: MigratorContext,
  revisions: readonly Revision[],
): Promise<ReadonlyMap<string, Pick<Details, 'does'>>> {
  try {
    const dialect = await context.connection.dialect()
    const { type } = (await context.connection.dataSource()).options
    const found = new Map<string, Pick<Details, 'does'>>()
    for (const revision of revisions) {
      const written = await writtenStatements(revision, 'upgrade', dialect, type)
      // Each on its own: what one revision creates must not change the words for another one.
      const reader = await dialect.sql.readEffects()
      const does = 'unread' in written ? ['run code'] : sumOfEffects(reader, written.statements).does
      found.set(revision.id, { does })
    }
    return found
  } catch (error) {
    // The graph can be read without a DataSource that loads.
    context.reporter.warn(`what the revisions do is not known: ${messageOf(error)}`)
    return new Map()
  }
}
