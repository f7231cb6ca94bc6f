import type { Migrator } from '@aludel/engine'

import type { Story, StoryQuery } from '../api/types'

/** TEMPORARY: methods of the engine that are not merged yet. */
export interface Later {
  story(query: StoryQuery): Promise<Story>
}

export function later(migrator: Migrator): Migrator & Later {
  const fallback: Later = {
    story: () => Promise.reject(new Error('not yet')),
  }
  return Object.assign(
    migrator,
    Object.fromEntries(Object.entries(fallback).filter(([name]) => !(name in migrator))),
  ) as Migrator & Later
}
