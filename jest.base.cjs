const { stack, stackName, mainStack, leftOut } = require('./tools/testing/stacks.cjs')
const { swcOptions } = require('./tools/testing/swc.cjs')

/**
 * One configuration for every package and every stack (see tools/testing/stacks.cjs); tests run on the sources of their
 * own package and on the build of the others.
 */
module.exports = (name) => ({
  displayName: stackName === mainStack ? name : `${name} (${stackName})`,
  rootDir: __dirname + '/packages/' + name,
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', ...leftOut],
  testEnvironment: __dirname + '/tools/testing/environment.cjs',
  // For what never ends. A slow machine that does three other things at once is no reason to fail.
  testTimeout: 600_000,
  moduleNameMapper: {
    '^fast-check$': __dirname + '/tools/fast-check.cjs',
    ...(stack.typeorm === 'typeorm' ? {} : { '^typeorm(/.*)?$': `${stack.typeorm}$1` }),
  },
  ...(stack.typeorm === 'typeorm' ? {} : { globalSetup: __dirname + '/tools/testing/installation.mjs' }),
  transform: { '^.+\\.[cm]?ts$': ['@swc/jest', swcOptions] },
})
