import { RecommendationStatus, ValidationStatus } from '@aludel/models'
import type {
  AuditLogService,
  NewValidation,
  RecommendationContent,
  RecommendationReview,
  RecommendationService,
  ValidationService,
} from '@aludel/services'
import type { FastifyPluginAsync } from 'fastify'
import { type Id, idParams, page, type PageQuery } from './schemas.js'

interface Services {
  readonly validations: ValidationService
  readonly recommendations: RecommendationService
  readonly audit: AuditLogService
}

const text = { type: 'string' } as const
const review = {
  type: 'object',
  required: ['actor'],
  additionalProperties: false,
  properties: { actor: text, notes: text },
} as const

/** Results of validations, the recommendations that follow from them, and their review by a person. */
export function reviewRoutes({ validations, recommendations, audit }: Services): FastifyPluginAsync {
  return async (app) => {
    app.post<{ Body: NewValidation }>(
      '/validations',
      {
        schema: {
          body: {
            type: 'object',
            required: ['filePath'],
            additionalProperties: false,
            properties: {
              filePath: text,
              content: text,
              status: { type: 'string', enum: Object.values(ValidationStatus) },
              results: {},
            },
          },
        },
      },
      async (request, reply) => reply.status(201).send(await validations.record(request.body)),
    )

    app.post<Id & { Body: RecommendationContent & { actor: string } }>(
      '/validations/:id/recommendations',
      {
        schema: {
          params: idParams,
          body: {
            type: 'object',
            required: ['type', 'title', 'actor'],
            additionalProperties: false,
            properties: { type: text, title: text, description: text, proposedContent: text, actor: text },
          },
        },
      },
      async (request, reply) => {
        const { actor, ...content } = request.body
        return reply.status(201).send(await recommendations.propose(request.params.id, content, { actor }))
      },
    )

    app.get<{ Querystring: PageQuery & { status?: RecommendationStatus } }>(
      '/recommendations',
      {
        schema: {
          querystring: {
            type: 'object',
            properties: { ...page, status: { type: 'string', enum: Object.values(RecommendationStatus) } },
          },
        },
      },
      (request) => recommendations.list(request.query),
    )

    // Of two reviewers at once, one gets the recommendation, and the other one 409 with the name of the first.
    for (const decision of ['approve', 'reject'] as const) {
      app.post<Id & { Body: RecommendationReview }>(
        `/recommendations/:id/${decision}`,
        { schema: { params: idParams, body: review } },
        (request) => recommendations[decision](request.params.id, request.body),
      )
    }

    app.get<Id & { Querystring: PageQuery }>(
      '/recommendations/:id/audit',
      { schema: { params: idParams, querystring: { type: 'object', properties: page } } },
      (request) => audit.find({ recommendationId: request.params.id, ...request.query }),
    )
  }
}
