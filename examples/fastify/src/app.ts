import { AuditLogService, RecommendationService, ValidationService, WorkflowService } from '@aludel/services'
import type { Migrator } from '@aludel/engine'
import fastify, { type FastifyInstance } from 'fastify'
import type { DataSource } from 'typeorm'
import { healthRoutes } from './health.js'
import { reviewRoutes } from './reviews.js'
import { workflowRoutes } from './workflows.js'

/** The application, which does not listen yet. The services have no state, so one of each serves all requests. */
export function createApp(dataSource: DataSource, migrator: Migrator): FastifyInstance {
  // An unknown field is a mistake of the client; Fastify would remove it.
  const app = fastify({ logger: true, ajv: { customOptions: { removeAdditional: false } } })
  app.setErrorHandler((error, request, reply) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    const status = statusOf(code) ?? (error as { statusCode?: number }).statusCode ?? 500
    if (status >= 500) request.log.error(error)
    const message = status >= 500 || !(error instanceof Error) ? 'Internal Server Error' : error.message
    return reply.status(status).send({ code, message })
  })
  app.register(healthRoutes(migrator))
  app.register(workflowRoutes(new WorkflowService(dataSource)))
  app.register(
    reviewRoutes({
      validations: new ValidationService(dataSource),
      recommendations: new RecommendationService(dataSource),
      audit: new AuditLogService(dataSource),
    }),
  )
  return app
}

/** The status for an error of a service. */
function statusOf(code: string): number | undefined {
  switch (code) {
    case 'ALUDEL_INVALID_VALUE':
      return 400
    case 'ALUDEL_NOT_FOUND':
      return 404
    case 'ALUDEL_WRONG_STATE':
      return 409
    default:
      return undefined
  }
}
