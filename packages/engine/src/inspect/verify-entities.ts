import type { Dialect } from '../dialect/dialect'
import type { ObservedObject, Observer } from '../dialect/roles/observer'
import type { MigratorContext } from '../project/context'
import type { Revision } from '../revision/revision'
import { anyOf } from '../schema/patterns'
import { replay } from '../shadow/replay'
import { entitySchema } from '../shadow/schemas'
import { compareWithEntities, observedWords } from './observe'

/**
 * What an observer finds different between the schema that TypeORM makes of the entities and that of the revisions.
 *
 * @param order all revisions, in run order
 * @returns undefined for a project without entities
 */
export async function observeEntities(
  context: MigratorContext,
  dialect: Dialect,
  order: readonly Revision[],
  { observe }: Extract<Observer, { readonly by: string }>,
): Promise<readonly string[] | undefined> {
  const shadows = await context.shadows()
  const migrated = await shadows.withRunner(dialect, async (runner) => {
    await replay(dialect, runner, order, 'upgrade', context.revisions.loadToReplay)
    return observe(runner)
  })
  let entities: readonly ObservedObject[] = []
  let count = 0
  const { unsynchronized, derived, momentary } = await entitySchema(context, dialect, async (runner) => {
    count = runner.connection.entityMetadatas.length
    entities = await observe(runner)
  })
  if (count === 0) return undefined
  return observedWords(
    compareWithEntities(migrated, entities, {
      isUnmanaged: anyOf(context.unmanaged, context.ignored, unsynchronized),
      isDerived: derived,
      isMomentary: ({ kind, table, name }) =>
        kind === 'column' && momentary.some((one) => one.table.name === table?.name && one.column === name),
    }),
  )
}
