import type { Migrator } from '@aludel/engine'
import type { FastifyPluginAsync } from 'fastify'

/** What an orchestrator asks. */
export function healthRoutes(migrator: Migrator): FastifyPluginAsync {
  return async (app) => {
    /** Whether the process works. It asks no database: restarting a process does not mend one. */
    app.get('/live', { logLevel: 'warn' }, () => ({ status: 'ok' }))

    /** Whether it may get requests: only if every revision that it knows is applied. */
    app.get('/ready', { logLevel: 'warn' }, async (request, reply) => {
      try {
        const { upToDate, current, pending } = await migrator.current()
        return await reply.status(upToDate ? 200 : 503).send({ status: upToDate ? 'ok' : 'pending', current, pending })
      } catch (error) {
        request.log.warn(error)
        return reply.status(503).send({ status: 'error' })
      }
    })
  }
}
