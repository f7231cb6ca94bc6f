import { stableJson } from '../../schema/json'
import { displayName, sameName, type View } from '../../schema/schema'
import { cannotApply, requireFreeName } from '../edit-schema'
import { type CreateDropReplace, replaceableKinds } from '../object-kinds'
import type { Change, Operations } from '../operation'

/**
 * The indexes of a materialized view are part of its definition: they are created and dropped with it. No other view
 * reads a replaced view (`planViews` ensures that), so a dialect may drop it and create it again.
 */
export type ViewOperation =
  Operations<'createView' | 'dropView', { definition: View }> | Operations<'replaceView', Change<View>>

const onView: CreateDropReplace<View> = {
  create: (definition) => ({ op: 'createView', definition }),
  drop: (definition) => ({ op: 'dropView', definition }),
  replace: (change) => ({ op: 'replaceView', ...change }),
}

export const {
  create: createView,
  drop: dropView,
  replace: replaceView,
} = replaceableKinds<'definition', View>({
  key: 'definition',
  word: 'view',
  wordFor: ({ materialized }) => (materialized ? 'materialized view' : 'view'),
  operations: () => onView,
  differences,
  edit: (schema, _, change) => ({ ...schema, views: change(schema.views) }),
  requireCreatable: requireFreeName,
  requireUnused(schema, view) {
    const reader = schema.views.find(
      (other) => !sameName(other, view) && other.dependsOn.some((read) => sameName(read, view)),
    )
    if (reader !== undefined) throw cannotApply(`view ${displayName(reader)} reads ${displayName(view)}`)
  },
  phases: { create: 'createView', drop: 'dropView', replace: 'createView' },
})

/** What differs besides the query. */
function differences({ from, to }: Change<View>): string {
  const lists = [from, to].map(({ options = [], indexes, triggers = [] }) => ({ options, indexes, triggers }))
  const [old, now] = lists.map((parts) => Object.values(parts).map(stableJson))
  const { options = [] } = to
  const texts = [options.length === 0 ? 'no options' : `options ${options.join(', ')}`, 'indexes', 'triggers']
  const changed = texts.filter((_text, index) => old?.[index] !== now?.[index])
  return changed.length === 0 ? '' : ` (${changed.join('; ')})`
}
