import type { FastifyReply } from 'fastify'

import { errorAnswer } from './errors'
import { toJson } from './json'

/** Sends a body, or nothing. It is for this session alone, and not to be kept. */
export function sendJson(reply: FastifyReply, status: number, body: unknown): FastifyReply {
  void reply.code(status).header('cache-control', 'no-store')
  return body === undefined ? reply.send() : sendText(reply, toJson(body))
}

/** Sends JSON that was written before. */
export function sendText(reply: FastifyReply, json: string): FastifyReply {
  return reply.header('cache-control', 'no-store').type('application/json; charset=utf-8').send(json)
}

/** Sends an error as the command line prints it. */
export function sendError(reply: FastifyReply, error: unknown): FastifyReply {
  const { status, body } = errorAnswer(error)
  return sendJson(reply, status, body)
}
