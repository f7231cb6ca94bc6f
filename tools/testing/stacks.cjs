/**
 * What the tests run on: a major of TypeORM and the drivers that go with it.
 *
 * `npm test` runs every test on the first, the main stack, and on each of the others those of {@link meetings}, which meet
 * TypeORM's or a driver's own behavior. `npm run test:all` runs all tests on all of them but those of {@link pure} and
 * {@link once}: a new test is there on every stack unless somebody takes it out.
 *
 * ALUDEL_TEST_STACK chooses one stack, with all of its tests: `ALUDEL_TEST_STACK=sqlite3 npm test -- packages/engine/test/run`.
 */
const process = require('node:process')

/** @type {Readonly<Record<string, import('./stacks.cjs').Stack>>} */
const stacks = {
  'typeorm-1': { typeorm: 'typeorm', sqlite: 'better-sqlite3', dialects: ['sqlite', 'postgres'] },
  'typeorm-0.3': { typeorm: 'typeorm-0.3', sqlite: 'better-sqlite3', dialects: ['sqlite', 'postgres'] },
  // TypeORM's `sqlite` is the package sqlite3. PostgreSQL is left out: on it, this is the stack before.
  sqlite3: { typeorm: 'typeorm-0.3', sqlite: 'sqlite', dialects: ['sqlite'] },
}

/** The stack that every test runs on. */
const mainStack = 'typeorm-1'

/** The main stack against an older server, by `npm run servers` and `npm run test:all`. */
const servers = 'servers'
const serversStack = { ...stacks[mainStack], dialects: ['postgres'] }

/** A group of tests: regular expressions, matched with the path of a test file, and why they are one. */
/** @typedef {{ why: string, tests: readonly string[] }} Group */

/**
 * What `npm test` runs on the other stacks too. Everything else there is left to `npm run test:all`.
 *
 * @type {Readonly<Record<string, readonly Group[]>>}
 */
const meetings = {
  'typeorm-0.3': [
    {
      why: "TypeORM's own migration runner and its own reading of entities, which differ between the majors",
      tests: [
        '/engine/test/dialect/sqlite/(?:typeorm-runner|compatibility)\\.test\\.ts$',
        '/engine/test/dialect/postgres/entities\\.test\\.ts$',
        '/engine/test/migrator/(?:entities|plain|converges|create)\\.test\\.ts$',
        '/migrations/test/.*\\.test\\.ts$',
        '/models/test/(?:schema|entities/behavior|columns/portable)\\.test\\.ts$',
      ],
    },
    {
      why: "query runners, transactions and the driver's connections: 0.3 opens, nests and releases them in its own way",
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
      why: 'the whole way, once: from entities to a revision to a database and back, and the services on it',
      tests: ['/cli/test/e2e/run\\.test\\.ts$', '/services/test/reviews/review-service\\.test\\.ts$'],
    },
  ],
  sqlite3: [
    {
      why: 'values, errors and connections of the driver, which answers in callbacks and opens files in its own way',
      tests: [
        '/engine/test/dialect/sqlite/(?:session|errors|backup|info|lock|shadow|compatibility|typeorm-runner)\\.test\\.ts$',
        '/models/test/(?:schema|columns/round-trip|entities/behavior)\\.test\\.ts$',
      ],
    },
    {
      why: 'transactions and foreign keys around a rebuild, which the driver runs on one connection among its callbacks',
      tests: [
        '/engine/test/run/(?:steps|commit|foreign-keys)\\.test\\.ts$',
        '/engine/test/migrator/create\\.test\\.ts$',
      ],
    },
    {
      why: 'the whole way, once',
      tests: ['/cli/test/e2e/run\\.test\\.ts$', '/services/test/reviews/review-service\\.test\\.ts$'],
    },
  ],
}

/** What neither imports TypeORM nor opens a database cannot tell one stack from another. */
const pure = [
  '/engine/test/(?:revision|operations|schema|difference)/',
  '/engine/test/files/read\\.test\\.ts$',
  '/engine/test/dialect/database-url\\.test\\.ts$',
  '/engine/test/sql/(?!postgres)',
  '/services/test/reviews/import/read-review-file\\.test\\.ts$',
  // Of the command line, what runs the real program is e2e/.
  '/cli/test/(?!e2e/)',
]

/** What has both majors in it, or a server that TypeORM only talks to. */
const once = [
  '/engine/test/dialect/postgres/embedded\\.test\\.ts$',
  '/engine/test/migrator/typeorm-majors\\.test\\.ts$',
]

/** What has nothing to do with the version of a server, or brings its own server. */
const notOfServers = [
  ...once,
  '/engine/test/(?:files|project)/',
  '/engine/test/faults/(?:sqlite-|disk-full|standby)',
  '/engine/test/dialect/sqlite/',
]

/** Tests of one dialect's own code. */
const dialectTests = { sqlite: '/engine/test/dialect/sqlite/', postgres: '/engine/test/dialect/postgres/' }

/**
 * @param {string} name
 * @returns {import('./stacks.cjs').Stack}
 * @throws {Error} when there is no such stack
 */
function stackOf(name) {
  const found = name === servers ? serversStack : stacks[name]
  if (found !== undefined) return found
  throw new Error(
    `ALUDEL_TEST_STACK is ${JSON.stringify(name)}: it must be one of ${[...Object.keys(stacks), servers].join(', ')}`,
  )
}

/**
 * The tests of a stack: `match` is what it runs, `ignore` what of that has nothing to say on it.
 *
 * @param {string} name
 * @param {'change' | 'all'} scope `change`: what `npm test` runs after a change
 * @returns {{ match: readonly string[], ignore: readonly string[] }}
 */
function testsOf(name, scope) {
  const all = ['/test/.*\\.test\\.ts$']
  if (name === mainStack) return { match: all, ignore: [] }
  const { dialects } = stackOf(name)
  const others = Object.entries(dialectTests).filter(([dialect]) => !dialects.some((served) => served === dialect))
  const ignore = [...pure, ...(name === servers ? notOfServers : once), ...others.map(([, path]) => path)]
  const met = scope === 'change' ? meetings[name]?.flatMap(({ tests }) => tests) : undefined
  return { match: met ?? all, ignore }
}

const chosen = process.env['ALUDEL_TEST_STACK']
/** The stack of this test; jest runs each test file with ALUDEL_TEST_STACK set (see environment.cjs). */
const stackName = chosen ?? mainStack
const stack = stackOf(stackName)

module.exports = { stacks, mainStack, servers, meetings, stackOf, testsOf, chosen, stackName, stack }
