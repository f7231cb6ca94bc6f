/** The compiler options for tests, in jest and in the processes that they start. */
module.exports.swcOptions = {
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
  },
  module: { type: 'commonjs', importInterop: 'node', ignoreDynamic: true },
}
