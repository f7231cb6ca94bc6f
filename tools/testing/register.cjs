/**
 * Makes a child process of a test load TypeScript, and use the TypeORM of the test: `node --require register.cjs file.ts`. In jest,
 * `jest.base.cjs` does both.
 */
const { createHash } = require('node:crypto')
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs')
const Module = require('node:module')
const { dirname, join } = require('node:path')
const process = require('node:process')
const { version } = require('@swc/core/package.json')
const { swcOptions } = require('./swc.cjs')
const { stack } = require('./stacks.cjs')

/** A cache of compiled files: loading the compiler and compiling would take longer than the work of most of these processes. */
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
 * @param {string} file the file for the result
 */
function compile(filename, source, file) {
  const { transformSync } = require('@swc/core')
  const { code } = transformSync(source, { filename, swcrc: false, sourceMaps: 'inline', ...swcOptions })
  try {
    mkdirSync(dirname(file), { recursive: true })
    // A rename is atomic, because other processes may write or read the same file.
    writeFileSync(`${file}.${process.pid}`, code)
    renameSync(`${file}.${process.pid}`, file)
  } catch {
    // A process of another user may not write here.
  }
  return code
}

const resolve = Module._resolveFilename
Module._resolveFilename = function (request, ...rest) {
  const name = request.replace(/^typeorm(?=\/|$)/, stack.typeorm)
  return resolve.call(this, name, ...rest)
}
