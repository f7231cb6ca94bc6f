const process = require('node:process')
const { stacks, mainStack, chosen, stackOf, testsOf } = require('./tools/testing/stacks.cjs')
const { testRuns } = require('./tools/testing/runs.cjs')
const { swcOptions } = require('./tools/testing/swc.cjs')

/** `all` runs all tests of all stacks: `npm run test:all` says so. */
const scope = process.env['ALUDEL_TEST_SCOPE'] === 'all' ? 'all' : 'change'

/**
 * One configuration for every package: a jest project for each stack (see tools/testing/stacks.cjs), so that all of them share
 * the workers. Tests run on the sources of their own package and on the build of the others.
 *
 * @param {string} name of the package
 * @param {object} [more] further lines for each project
 */
module.exports = (name, { moduleNameMapper = {}, ...more } = {}) => ({
  projects: (chosen === undefined ? Object.keys(stacks) : [chosen]).map((stackName) => {
    const { typeorm } = stackOf(stackName)
    // One stack that was asked for runs whole.
    const { match, ignore } = testsOf(stackName, chosen === undefined ? scope : 'all')
    const isLegacy = typeorm !== 'typeorm'
    return {
      displayName: stackName === mainStack ? name : `${name} (${stackName})`,
      rootDir: __dirname + '/packages/' + name,
      testRegex: [...match],
      testPathIgnorePatterns: ['/node_modules/', ...ignore],
      testEnvironment: __dirname + '/tools/testing/environment.cjs',
      testEnvironmentOptions: { stack: stackName },
      moduleNameMapper: {
        ...moduleNameMapper,
        '^fast-check$': __dirname + '/tools/fast-check.cjs',
        ...(isLegacy ? { '^typeorm(/.*)?$': `${typeorm}$1` } : {}),
      },
      ...(isLegacy ? { globalSetup: __dirname + '/tools/testing/installation.mjs' } : {}),
      transform: { '^.+\\.[cm]?ts$': ['@swc/jest', swcOptions] },
      ...more,
    }
  }),
  // For what never ends, on a machine that does other things as well. What may take longer says so: `jest.setTimeout`. A search
  // that tries more cases has as much more time: its end is the number of its runs. Node has no longer timers than these.
  testTimeout: Math.min(testRuns(60_000), 2 ** 31 - 1),
})
