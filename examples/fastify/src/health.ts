import { isAludelError, type Migrator } from '@aludel/engine'
import type { FastifyPluginAsync } from 'fastify'

/** What an orchestrator asks. */
export function healthRoutes(migrator: Migrator): FastifyPluginAsync {
  return async (app) => {
    /** Whether the process works. It asks no database: restarting a process does not mend one. */
    app.get('/live', { logLevel: 'warn' }, () => ({ status: 'ok' }))

    /** Whether it may get requests: only if every revision that it knows is applied. It looks once, as `aludel migrate wait` does. */
    app.get('/ready', { logLevel: 'warn' }, async (request, reply) => {
      try {
        const { current } = await migrator.wait({ timeoutMs: 0 })
        return await reply.send({ status: 'ok', current })
      } catch (error) {
        const reason = isAludelError(error, 'ALUDEL_WAIT_TIMEOUT') ? error.details.reason : 'error'
        request.log.warn(error)
        return reply.status(503).send({ status: reason })
      }
    })
  }
}
