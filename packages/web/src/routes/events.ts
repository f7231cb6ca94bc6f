import type { OutgoingHttpHeaders } from 'node:http'

import type { EventsQuery } from '../api/types'
import { streamEvents } from '../runs/event-stream'
import { defineRoute } from './route'

export const eventRoutes = [
  defineRoute<EventsQuery>({
    method: 'GET',
    path: '/runs/:id/events',
    summary: 'The updates of a run as server-sent events, until its end',
    access: 'session',
    query: 'EventsQuery',
    answer: { schema: 'RunUpdate', type: 'text/event-stream' },
    handle: ({ id, query, request, reply }, services): void => {
      const { runs } = services
      const log = runs.events(id)
      const after = query.after ?? lastSeen(request.headers['last-event-id'])
      reply.hijack()
      reply.raw.writeHead(200, {
        ...(reply.getHeaders() as OutgoingHttpHeaders),
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        // nginx would collect the events otherwise.
        'x-accel-buffering': 'no',
      })
      services.addStream(
        reply.raw,
        streamEvents(reply.raw, log, after, () => runs.get(id).steps),
      )
    },
  }),
]

/** What a browser sends when it connects again; 0 for whatever is not a number of ours. */
function lastSeen(header: string | string[] | undefined): number {
  return typeof header === 'string' && /^\d{1,15}$/.test(header) ? Number(header) : 0
}
