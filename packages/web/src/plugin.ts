import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestAsyncHookHandler } from 'fastify'

import { sendError, sendJson, sendText } from './api/answers'
import { ApiFailure } from './api/errors'
import { toJson } from './api/json'
import { openApiDocument } from './api/openapi'
import { Validation } from './api/validation'
import type { PluginOptions } from './options'
import { builtPage, type PageAnswer, servePage } from './serve-page'
import { actorOf } from './project/actor'
import { routes } from './routes'
import type { Route } from './routes/route'
import { AllowedHosts } from './security/addresses'
import { makeAuthenticator } from './security/authentication'
import { admit, refuseStrangers } from './security/guard'
import type { KnownSession } from './security/sessions'
import { Services } from './services'

/** Bytes of a body. */
const longestBody = 64 * 1024

/**
 * The page and its API as a Fastify plugin, to be mounted in an application.
 *
 * The application's own authentication, in the option `authenticate`, or a token decides who may use it. When the application is
 * closed, a run at work is stopped at a safe point first: `pluginTimeout` of the application limits how long that is waited for.
 *
 * @example
 * await app.register(aludelWeb, {
 *   prefix: '/admin/migrations',
 *   project: { dataSource, revisions: 'src/migrations' },
 *   allowHosts: ['admin.example.com'],
 *   authenticate: (request) => request.session.user?.name ?? null,
 * })
 */
export async function aludelWeb(app: FastifyInstance, options: PluginOptions): Promise<void> {
  await mount(app, options, new Services(options))
}

/** Adds the routes and the page to a server. */
export async function mount(app: FastifyInstance, options: PluginOptions, services: Services): Promise<void> {
  const prefix = app.prefix === '/' ? '' : app.prefix.replace(/\/$/, '')
  const authenticator = makeAuthenticator({ ...options, path: prefix === '' ? '/' : prefix })
  const hosts = new AllowedHosts(options.allowHosts)
  const validation = new Validation()
  const sessions = new WeakMap<FastifyRequest, KnownSession>()

  // Other bodies than JSON are refused, whatever the application accepts.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'string', bodyLimit: longestBody },
    app.getDefaultJsonParser('error', 'error'),
  )
  app.addHook('onRequest', async (request, reply) => refuseStrangers(hosts, request, reply))
  app.addHook('preClose', () => services.close())
  app.setErrorHandler((error, _request, reply) => sendError(reply, error))

  const addRoute = (route: Route): void => {
    const check = {
      path: route.path.includes(':id') ? validation.of('IdParams', 'path') : undefined,
      query: validation.of(route.query ?? 'NoQuery', 'query'),
      body: route.body === undefined ? undefined : validation.of(route.body, 'body'),
    }
    const onRequest: onRequestAsyncHookHandler = async (request) => {
      const session = await admit(route, request, authenticator, options)
      if (session !== undefined) sessions.set(request, session)
    }
    app.route({
      method: route.method,
      url: `/api/v1${route.path}`,
      bodyLimit: longestBody,
      exposeHeadRoute: false,
      onRequest,
      handler: async (request, reply) => {
        check.path?.(request.params)
        check.query(request.query)
        check.body?.(request.body)
        const session = sessions.get(request)
        const answer = await route.handle(
          {
            id: (request.params as { readonly id?: string }).id ?? '',
            query: request.query,
            body: request.body,
            actor: actorOf(session?.user),
            csrf: session?.csrf ?? '',
            ...{ request, reply, authenticator },
          },
          services,
        )
        if (reply.sent) return reply
        return sendJson(reply, route.answer.status ?? 200, route.answer.schema === undefined ? undefined : answer)
      },
    })
  }
  for (const route of routes) addRoute(route)
  const document = toJson(openApiDocument(routes, prefix))
  app.get('/api/v1/openapi.json', (_request, reply) => sendText(reply, document))

  const page =
    options.page === null ? undefined : await servePage(app, options.page ?? builtPage, prefix, authenticator.signIn)
  if (page !== undefined) app.get('/', (_request, reply) => page(reply))
  app.setNotFoundHandler((request, reply) => notFound(request, reply, prefix, page))
}

/** A path of the page, which draws what belongs to it, or nothing. */
function notFound(
  request: FastifyRequest,
  reply: FastifyReply,
  prefix: string,
  page: PageAnswer | undefined,
): FastifyReply {
  const [path = ''] = request.url.slice(prefix.length).split('?')
  const isOfPage = request.method === 'GET' && !/^\/api(?:\/|$)/.test(path) && !/\.[^/]*$/.test(path)
  if (page !== undefined && isOfPage) return page(reply)
  return sendError(reply, new ApiFailure('ALUDEL_WEB_NOT_FOUND', 'there is nothing at this address'))
}
