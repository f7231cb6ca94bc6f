import type { CreateOptions, CreateResult } from '@aludel/engine'

import type { CreatePreview, CreateRequest } from '../api/types'
import { clientGone, defineRoute } from './route'

export const createRoutes = [
  defineRoute<undefined, CreateRequest>({
    method: 'POST',
    path: '/create/preview',
    summary: 'The revision that would be written from the entities, or the questions that come first',
    access: 'create',
    body: 'CreateRequest',
    answer: { schema: 'CreatePreview' },
    handle: ({ body, reply }, services): Promise<CreatePreview> =>
      services.look(
        (migrator) => migrator.previewCreate(body.message, { ...optionsOf(body), accept: body.accept }),
        clientGone(reply),
      ),
  }),
  defineRoute<undefined, CreateRequest>({
    method: 'POST',
    path: '/create',
    summary: 'Write a revision from the entities',
    access: 'create',
    body: 'CreateRequest',
    answer: { schema: 'CreateResult' },
    handle: async ({ body, actor }, services): Promise<CreateResult> => {
      const isTyped = body.confirm !== undefined && (await services.isDatabaseName(body.confirm))
      const result = await services.create(actor, (migrator) =>
        migrator.create(body.message, { ...optionsOf(body), confirm: () => Promise.resolve(isTyped) }),
      )
      services.changed()
      return result
    },
  }),
]

function optionsOf({
  message: _,
  confirm: _typed,
  accept: _only,
  branchLabel,
  ...answers
}: CreateRequest): CreateOptions {
  return { ...answers, ...(branchLabel === undefined ? {} : { branchLabels: [branchLabel] }) }
}
