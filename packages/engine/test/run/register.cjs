/** Lets a child process of a test `require` TypeScript: `node --require register.cjs file.ts`. */
const { readFileSync } = require('node:fs')
const { transformSync } = require('@swc/core')

require.extensions['.ts'] = (module, filename) => {
  const { code } = transformSync(readFileSync(filename, 'utf8'), {
    filename,
    swcrc: false,
    sourceMaps: 'inline',
    jsc: { target: 'es2022', parser: { syntax: 'typescript', decorators: true } },
    module: { type: 'commonjs', importInterop: 'node', ignoreDynamic: true },
  })
  module._compile(code, filename)
}
