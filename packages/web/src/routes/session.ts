import type { Login, Session } from '../api/types'
import { defineRoute } from './route'

export const sessionRoutes = [
  defineRoute<undefined, Login>({
    method: 'POST',
    path: '/session',
    summary: 'Start a session: the answer sets its cookie',
    access: 'open',
    body: 'Login',
    answer: { status: 204 },
    handle: ({ body, request, reply, authenticator }): void => authenticator.logIn(request, reply, body.token),
  }),
  defineRoute({
    method: 'GET',
    path: '/session',
    summary: 'What this session may do',
    access: 'session',
    answer: { schema: 'Session' },
    handle: ({ actor, csrf }, services): Promise<Session> => services.session(actor, csrf),
  }),
  defineRoute({
    method: 'DELETE',
    path: '/session',
    summary: 'End the session',
    access: 'session',
    answer: { status: 204 },
    handle: ({ request, reply, authenticator }): void => authenticator.logOut(request, reply),
  }),
]
