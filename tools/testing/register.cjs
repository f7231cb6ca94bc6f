/**
 * Lets a child process of a test `require` TypeScript, and gives it the TypeORM that the test has itself:
 * `node --require register.cjs file.ts`. Inside jest, `jest.base.cjs` does both.
 */
const { readFileSync } = require('node:fs')
const Module = require('node:module')
const { transformSync } = require('@swc/core')
const { swcOptions } = require('./swc.cjs')
const { stack } = require('./stacks.cjs')

require.extensions['.ts'] = (module, filename) => {
  const options = { filename, swcrc: false, sourceMaps: 'inline', ...swcOptions }
  const { code } = transformSync(readFileSync(filename, 'utf8'), options)
  module._compile(code, filename)
}

const resolve = Module._resolveFilename
Module._resolveFilename = function (request, ...rest) {
  const name = request.replace(/^typeorm(?=\/|$)/, stack.typeorm)
  return resolve.call(this, name, ...rest)
}
