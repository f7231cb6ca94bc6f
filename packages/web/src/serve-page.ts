import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

import fastifyStatic from '@fastify/static'
import { AludelError } from '@aludel/engine'
import type { FastifyInstance, FastifyReply } from 'fastify'

import type { SignIn } from './security/authentication'

/** Where the build puts the page. */
export const builtPage = path.join(__dirname, 'page')

/** One year: names of these files change with their contents. */
const immutable = 'public, max-age=31536000, immutable'

/**
 * Serves the built page: its files, each by its exact path, and `index.html` for every other path that a link of the page may have.
 *
 * @param prefix under which the page is mounted: empty, or `/aludel`
 * @param signIn what the page shows to who has no session
 * @throws AludelError `ALUDEL_WEB_PAGE` when it is not built
 */
export async function servePage(
  app: FastifyInstance,
  directory: string,
  prefix: string,
  signIn: SignIn,
): Promise<PageAnswer> {
  const index = indexOf(directory, prefix, signIn)
  await app.register(fastifyStatic, {
    root: directory,
    // Only what exists now, each with a route of its own: no path leads anywhere else.
    wildcard: false,
    globIgnore: ['**/index.html', '**/*.br', '**/*.gz'],
    index: false,
    decorateReply: false,
    preCompressed: true,
    cacheControl: false,
    setHeaders: (response, file) => {
      const isHashed = file.startsWith(path.join(directory, 'assets') + path.sep)
      void response.setHeader('cache-control', isHashed ? immutable : 'no-cache')
    },
  })
  return (reply) => reply.header('cache-control', 'no-store').type('text/html; charset=utf-8').send(index)
}

/** Sends `index.html`. */
export type PageAnswer = (reply: FastifyReply) => FastifyReply

/** Its links are relative where it is built; here they start at the prefix, so that they hold on every path. */
function indexOf(directory: string, prefix: string, signIn: SignIn): string {
  const file = path.join(directory, 'index.html')
  if (!existsSync(file)) {
    throw new AludelError('ALUDEL_WEB_PAGE', `the page is not built: there is no ${file}`, {
      help: 'In a checkout of this repository, run `npm run build`. Elsewhere, install @aludel/web again.',
      details: { path: file },
    })
  }
  return readFileSync(file, 'utf8')
    .replaceAll('="./', `="${prefix}/`)
    .replace(/(<meta name="aludel-base" content=")[^"]*"/, `$1${prefix}"`)
    .replace(/(<meta name="aludel-sign-in" content=")[^"]*"/, `$1${signIn}"`)
}
