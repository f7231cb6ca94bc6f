/**
 * The stacks that tests run on: a major version of TypeORM and its drivers.
 *
 * `npm test` runs every test on the first one, the main stack, and on each of the others those of {@link stackDependent}.
 * `npm run test:all` runs all tests on all stacks, except those of {@link pure} and {@link mainStackOnly}: a new test runs on every
 * stack unless it is excluded.
 *
 * ALUDEL_TEST_STACK selects one stack with all its tests: `ALUDEL_TEST_STACK=sqlite3 npm test -- packages/engine/test/run`.
 */
const process = require('node:process')

/** @type {Readonly<Record<string, import('./stacks.cjs').Stack>>} */
const stacks = {
  'typeorm-1': { typeorm: 'typeorm', sqlite: 'better-sqlite3', dialects: ['sqlite', 'postgres'] },
  'typeorm-0.3': { typeorm: 'typeorm-0.3', sqlite: 'better-sqlite3', dialects: ['sqlite', 'postgres'] },
  // TypeORM's `sqlite` is the package sqlite3. PostgreSQL is left out, because there this stack equals the previous one.
  sqlite3: { typeorm: 'typeorm-0.3', sqlite: 'sqlite', dialects: ['sqlite'] },
}

/** The main stack, which every test runs on. */
const mainStack = 'typeorm-1'

/** The main stack with an older server, for `npm run servers` and `npm run test:all`. */
const servers = 'servers'
const serversStack = { ...stacks[mainStack], dialects: ['postgres'] }

/** A group of tests: regular expressions for paths of test files, and the reason for the group. */
/** @typedef {{ why: string, tests: readonly string[] }} Group */

/**
 * Tests that depend on TypeORM or a driver, which `npm test` also runs on the other stacks. `npm run test:all` runs the rest there.
 *
 * @type {Readonly<Record<string, readonly Group[]>>}
 */
const stackDependent = {
  'typeorm-0.3': [
    {
      why: "TypeORM's own migration runner and entity metadata, which differ between the majors",
      tests: [
        '/engine/test/dialect/sqlite/(?:typeorm-runner|compatibility)\\.test\\.ts$',
        '/engine/test/dialect/postgres/entities\\.test\\.ts$',
        '/engine/test/migrator/(?:entities|plain|converges|create)\\.test\\.ts$',
        '/engine/test/testing/(?:run|failing|files|test)\\.test\\.ts$',
        '/migrations/test/.*\\.test\\.ts$',
        '/models/test/(?:schema|entities/behavior|columns/portable)\\.test\\.ts$',
      ],
    },
    {
      why: 'values of another program, which each version reads in its own way',
      tests: ['/engine/test/adopt/convert-sqlite\\.test\\.ts$'],
    },
    {
      why: 'query runners, transactions and connections, which 0.3 opens, nests and releases differently',
      tests: [
        '/engine/test/run/(?:steps|commit|foreign-keys|lost-connection|transaction-taken-back)\\.test\\.ts$',
        '/engine/test/dialect/postgres/(?:dialect|lease|shadow)\\.test\\.ts$',
        '/engine/test/dialect/sqlite/session\\.test\\.ts$',
        '/engine/test/run/start-up\\.test\\.ts$',
      ],
    },
    {
      why: 'loading a DataSource and its entities from files, and finding the TypeORM that they import',
      tests: ['/engine/test/(?:project/data-source|files/load)\\.test\\.ts$', '/cli/test/e2e/project\\.test\\.ts$'],
    },
    {
      why: 'one end-to-end path: from entities to a revision to a database and back, the services and the page on it',
      tests: [
        '/cli/test/e2e/run\\.test\\.ts$',
        '/services/test/reviews/(?:review-service|import/import-reviews)\\.test\\.ts$',
        '/web/test/(?:plugin|routes/status)\\.test\\.ts$',
      ],
    },
  ],
  sqlite3: [
    {
      why: 'values, errors and connections of the driver, which uses callbacks and opens files differently',
      tests: [
        '/engine/test/dialect/sqlite/(?:session|errors|backup|info|lock|shadow|compatibility|typeorm-runner)\\.test\\.ts$',
        '/engine/test/testing/values\\.test\\.ts$',
        '/models/test/(?:schema|columns/round-trip|entities/behavior)\\.test\\.ts$',
        '/engine/test/adopt/convert-sqlite\\.test\\.ts$',
      ],
    },
    {
      why: 'transactions and foreign keys during a rebuild, which the driver runs through callbacks on one connection',
      tests: [
        '/engine/test/run/(?:steps|commit|foreign-keys)\\.test\\.ts$',
        '/engine/test/migrator/create\\.test\\.ts$',
      ],
    },
    {
      why: 'one end-to-end path',
      tests: [
        '/cli/test/e2e/run\\.test\\.ts$',
        '/services/test/reviews/(?:review-service|import/import-reviews)\\.test\\.ts$',
        '/web/test/(?:plugin|routes/status)\\.test\\.ts$',
      ],
    },
  ],
}

/** Tests that neither import TypeORM nor open a database, and thus do not depend on the stack. */
const pure = [
  '/engine/test/(?:revision|operations|schema|difference)/',
  '/engine/test/files/read\\.test\\.ts$',
  '/engine/test/dialect/database-url\\.test\\.ts$',
  '/engine/test/sql/(?!postgres)',
  '/services/test/reviews/(?:file-name|import/(?:read-review-file|quick-parser))\\.test\\.ts$',
  // In the tests of the command line, only those in e2e/ run the real program.
  '/cli/test/(?!e2e/)',
  '/web/test/(?:security/|project/|runs/event-log|page/)',
]

/** Tests that use both majors, or that test a server more than TypeORM. */
const mainStackOnly = [
  '/engine/test/dialect/postgres/embedded\\.test\\.ts$',
  '/engine/test/migrator/typeorm-majors\\.test\\.ts$',
  // The page knows the API alone, whose tests run on every stack.
  '/web/test/browser/',
  // NestJS 12 is ES modules, which import TypeORM themselves; tools/test/packed.test.mjs has it with TypeORM 0.3.
  '/nestjs/test/',
]

/** Tests that do not depend on the version of the server, or start their own server. */
const serverIndependent = [
  ...mainStackOnly,
  '/engine/test/(?:files|project)/',
  '/engine/test/faults/(?:sqlite-|disk-full|standby)',
  '/engine/test/dialect/sqlite/',
]

/** Tests of one dialect's own code. */
const dialectTests = { sqlite: '/engine/test/dialect/sqlite/', postgres: '/engine/test/dialect/postgres/' }

/**
 * @param {string} name
 * @returns {import('./stacks.cjs').Stack}
 * @throws {Error} if there is no such stack
 */
function stackOf(name) {
  const found = name === servers ? serversStack : stacks[name]
  if (found !== undefined) return found
  throw new Error(
    `ALUDEL_TEST_STACK is ${JSON.stringify(name)}: it must be one of ${[...Object.keys(stacks), servers].join(', ')}`,
  )
}

/**
 * The tests of a stack: those that `match` selects, without those that `ignore` excludes.
 *
 * @param {string} name
 * @param {'change' | 'all'} scope `change`: the tests that `npm test` runs
 * @returns {{ match: readonly string[], ignore: readonly string[] }}
 */
function testsOf(name, scope) {
  const all = ['/test/.*\\.test\\.ts$']
  if (name === mainStack) return { match: all, ignore: [] }
  const { dialects } = stackOf(name)
  const others = Object.entries(dialectTests).filter(([dialect]) => !dialects.some((served) => served === dialect))
  const ignore = [...pure, ...(name === servers ? serverIndependent : mainStackOnly), ...others.map(([, path]) => path)]
  const met = scope === 'change' ? stackDependent[name]?.flatMap(({ tests }) => tests) : undefined
  return { match: met ?? all, ignore }
}

const chosen = process.env['ALUDEL_TEST_STACK']
/** The stack of this test; jest runs each test file with ALUDEL_TEST_STACK set (see environment.cjs). */
const stackName = chosen ?? mainStack
const stack = stackOf(stackName)

module.exports = { stacks, mainStack, servers, stackDependent, stackOf, testsOf, chosen, stackName, stack }
