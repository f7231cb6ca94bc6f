import type { Migrator } from '@aludel/engine'

import { ApiFailure } from '../api/errors'
import type { Story, StoryQuery } from '../api/types'

/** The story of a table or a column, if this version of the engine can tell it. */
export function storyOf(migrator: Migrator, query: StoryQuery): Promise<Story> {
  const { story } = migrator as { readonly story?: (query: StoryQuery) => Promise<Story> }
  if (story !== undefined) return story.call(migrator, query)
  throw new ApiFailure('ALUDEL_WEB_NOT_FOUND', 'this version of the engine does not tell the story of a table')
}
