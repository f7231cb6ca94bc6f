import type { DifferenceQuery, SchemaDifference, SchemaDocument, SchemaQuery, Story, StoryQuery } from '../api/types'
import { defineRoute } from './route'

export const schemaRoutes = [
  defineRoute<SchemaQuery>({
    method: 'GET',
    path: '/schema',
    summary: 'The tables of the live database, or after a revision',
    access: 'session',
    query: 'SchemaQuery',
    answer: { schema: 'SchemaDocument' },
    handle: ({ query: { at = 'live' }, actor }, services): Promise<SchemaDocument> =>
      at === 'live'
        ? services.project.read((migrator) => migrator.schema({ at }))
        : services.shadowWork(actor, (migrator) => migrator.schema({ at })),
  }),
  defineRoute<DifferenceQuery>({
    method: 'GET',
    path: '/schema/difference',
    summary: 'What leads from one schema to another',
    access: 'session',
    query: 'DifferenceQuery',
    answer: { schema: 'SchemaDifference' },
    handle: ({ query, actor }, services): Promise<SchemaDifference> =>
      services.shadowWork(actor, (migrator) => migrator.schemaDifference(query)),
  }),
  defineRoute<StoryQuery>({
    method: 'GET',
    path: '/schema/story',
    summary: 'The revisions that made and changed a table or a column, oldest first',
    access: 'session',
    query: 'StoryQuery',
    answer: { schema: 'Story' },
    handle: ({ query, actor }, services): Promise<Story> =>
      services.shadowWork(actor, (migrator) => migrator.story(query)),
  }),
]
