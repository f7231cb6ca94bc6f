/**
 * Lets a child process of a test `require` TypeScript, and gives it the TypeORM that the test has itself:
 * `node --require register.cjs file.ts`. Inside jest, `jest.base.cjs` does both.
 */
const { createHash } = require('node:crypto')
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs')
const Module = require('node:module')
const { dirname, join } = require('node:path')
const process = require('node:process')
const { version } = require('@swc/core/package.json')
const { swcOptions } = require('./swc.cjs')
const { stack } = require('./stacks.cjs')

/** What was compiled is kept: to load the compiler and to compile takes longer than most of these processes have to do. */
const cache = join(__dirname, '../../node_modules/.cache/aludel-register')
const compiler = JSON.stringify([version, swcOptions])

require.extensions['.ts'] = (module, filename) => {
  const source = readFileSync(filename, 'utf8')
  const key = createHash('sha1').update(`${compiler}\n${filename}\n${source}`).digest('hex')
  const file = join(cache, `${key}.js`)
  module._compile(read(file) ?? compile(filename, source, file), filename)
}

/** @param {string} file */
function read(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

/**
 * @param {string} filename
 * @param {string} source
 * @param {string} file where the result is kept
 */
function compile(filename, source, file) {
  const { transformSync } = require('@swc/core')
  const { code } = transformSync(source, { filename, swcrc: false, sourceMaps: 'inline', ...swcOptions })
  try {
    mkdirSync(dirname(file), { recursive: true })
    // Others may write or read the same file now: it is there whole, or not at all.
    writeFileSync(`${file}.${process.pid}`, code)
    renameSync(`${file}.${process.pid}`, file)
  } catch {
    // A process that runs as another user may not write here.
  }
  return code
}

const resolve = Module._resolveFilename
Module._resolveFilename = function (request, ...rest) {
  const name = request.replace(/^typeorm(?=\/|$)/, stack.typeorm)
  return resolve.call(this, name, ...rest)
}
