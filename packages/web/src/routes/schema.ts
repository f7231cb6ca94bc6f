import type { DifferenceQuery, SchemaDifference, SchemaDocument, SchemaQuery, Story, StoryQuery } from '../api/types'
import { clientGone, defineRoute } from './route'

export const schemaRoutes = [
  defineRoute<SchemaQuery>({
    method: 'GET',
    path: '/schema',
    summary: 'The tables of the live database, or after a revision',
    access: 'session',
    query: 'SchemaQuery',
    answer: { schema: 'SchemaDocument' },
    handle: ({ query: { at = 'live' }, reply }, services): Promise<SchemaDocument> =>
      at === 'live'
        ? services.project.read((migrator) => migrator.schema({ at }), { signal: clientGone(reply) })
        : services.look((migrator) => migrator.schema({ at }), clientGone(reply)),
  }),
  defineRoute<DifferenceQuery>({
    method: 'GET',
    path: '/schema/difference',
    summary: 'What leads from one schema to another',
    access: 'session',
    query: 'DifferenceQuery',
    answer: { schema: 'SchemaDifference' },
    handle: ({ query, reply }, services): Promise<SchemaDifference> =>
      services.look((migrator) => migrator.schemaDifference(query), clientGone(reply)),
  }),
  defineRoute<StoryQuery>({
    method: 'GET',
    path: '/schema/story',
    summary: 'The revisions that made and changed a table or a column, oldest first',
    access: 'session',
    query: 'StoryQuery',
    answer: { schema: 'Story' },
    handle: ({ query, reply }, services): Promise<Story> =>
      services.look((migrator) => migrator.story(query), clientGone(reply)),
  }),
]
