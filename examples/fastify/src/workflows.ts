import { WorkflowState } from '@aludel/models'
import type { NewWorkflow, WorkflowService } from '@aludel/services'
import type { FastifyPluginAsync } from 'fastify'
import { idParams, type Id, page, type PageQuery } from './schemas.js'

const moves = ['start', 'advance', 'pause', 'resume', 'complete', 'cancel'] as const
type Move = (typeof moves)[number]

/** Workflows: create, move and list. */
export function workflowRoutes(workflows: WorkflowService): FastifyPluginAsync {
  return async (app) => {
    app.post<{ Body: NewWorkflow }>(
      '/workflows',
      {
        schema: {
          body: {
            type: 'object',
            required: ['type'],
            additionalProperties: false,
            properties: { type: { type: 'string' }, totalSteps: { type: 'integer', minimum: 0 } },
          },
        },
      },
      async (request, reply) => reply.status(201).send(await workflows.create(request.body)),
    )

    app.get<{ Querystring: PageQuery & { state?: WorkflowState } }>(
      '/workflows',
      {
        schema: {
          querystring: {
            type: 'object',
            properties: { ...page, state: { type: 'string', enum: Object.values(WorkflowState) } },
          },
        },
      },
      (request) => workflows.list(request.query),
    )

    app.get<Id>('/workflows/:id', { schema: { params: idParams } }, (request) => workflows.get(request.params.id))

    app.post<{ Params: Id['Params'] & { move: Move } }>(
      '/workflows/:id/:move',
      {
        schema: {
          params: {
            ...idParams,
            properties: { ...idParams.properties, move: { type: 'string', enum: moves } },
          },
        },
      },
      ({ params: { id, move } }) => workflows[move](id),
    )
  }
}
