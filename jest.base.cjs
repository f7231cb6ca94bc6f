/** One configuration for every package; tests run on the sources of their own package and on the build of the others. */
module.exports = (name) => ({
  displayName: name,
  rootDir: __dirname + '/packages/' + name,
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testEnvironment: 'node',
  // A machine that does three other things at once is still no reason to fail.
  testTimeout: 180_000,
  moduleNameMapper: { '^fast-check$': __dirname + '/tools/fast-check.cjs' },
  transform: {
    '^.+\\.[cm]?ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
        },
        module: { type: 'commonjs', importInterop: 'node', ignoreDynamic: true },
      },
    ],
  },
})
