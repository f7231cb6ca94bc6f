/**
 * What the tests run on: a major of TypeORM and the drivers that go with it. `npm test` runs every package's tests on the
 * first, and on each of the others those that could fail there and not on the first.
 *
 * ALUDEL_TEST_STACK chooses one: `ALUDEL_TEST_STACK=sqlite3 npm test -- packages/engine/test/run`.
 */
const process = require('node:process')

/** @type {Readonly<Record<string, import('./stacks.cjs').Stack>>} */
const stacks = {
  'typeorm-1': { typeorm: 'typeorm', sqlite: 'better-sqlite3', dialects: ['sqlite', 'postgres'], target: 'test' },
  'typeorm-0.3': {
    typeorm: 'typeorm-0.3',
    sqlite: 'better-sqlite3',
    dialects: ['sqlite', 'postgres'],
    target: 'test-typeorm-0.3',
  },
  // TypeORM's `sqlite` is the package sqlite3. PostgreSQL is left out: on it, this is the stack before.
  sqlite3: { typeorm: 'typeorm-0.3', sqlite: 'sqlite', dialects: ['sqlite'], target: 'test-sqlite3' },
}

/** The stack that every test runs on. */
const mainStack = 'typeorm-1'

/** That of `npm run servers`, which `npm test` does not run: the main one against an older server. */
const servers = 'servers'
const serversStack = { ...stacks[mainStack], dialects: ['postgres'], target: 'test-postgres' }

/**
 * THE RULE. What neither imports TypeORM nor opens a database can not tell one stack from another, and runs on the main
 * stack alone. What is not named here runs on all of them, so that a new test is in the matrix unless somebody takes it out.
 *
 * Regular expressions, matched with the path of a test file.
 */
const pure = [
  '/engine/test/(?:revision|operations|schema)/',
  '/engine/test/files/read\\.test\\.ts$',
  '/engine/test/dialect/database-url\\.test\\.ts$',
  '/engine/test/run/sql-text\\.test\\.ts$',
  '/services/test/reviews/import/read-review-file\\.test\\.ts$',
  // Of the command line, what runs the real program is e2e/.
  '/cli/test/(?!e2e/)',
]

/**
 * And what the others would only pay for: searches among random schemas, which look for mistakes in what is computed, at the
 * price of a hundred plain tests, and every type into every other; the embedded server, which TypeORM only talks to; and what has both majors in it.
 */
const once = [
  '/engine/test/pairs\\.test\\.ts$',
  '/engine/test/squash/random\\.test\\.ts$',
  // What is killed, stopped and cut off meets the database, not TypeORM; a rebuild meets the driver's connection.
  '/engine/test/faults/(?!lock|batches|sqlite-rebuild)',
  // What the command line says of the graph, of history and files, and of who holds the lock. That it works on each stack, the
  // engine's own tests of it show; that the program does, those of create, run, failure, interrupt, database and project.
  '/cli/test/e2e/(?:bad-connection|branches|drawing|graph|lock|repair|squash|standby|unmanaged)\\.test\\.ts$',
  '/engine/test/dialect/sqlite/render\\.property\\.test\\.ts$',
  '/engine/test/dialect/postgres/(?:random-schemas|embedded|conversion-matrix)\\.test\\.ts$',
  '/engine/test/migrator/typeorm-majors\\.test\\.ts$',
]

/** And what has nothing to do with a server, or brings its own. */
const notOfServers = [
  '/engine/test/dialect/postgres/embedded\\.test\\.ts$',
  '/engine/test/migrator/typeorm-majors\\.test\\.ts$',
  '/engine/test/(?:files|project)/',
  '/engine/test/faults/(?:sqlite-|disk-full|standby)',
  '/engine/test/dialect/sqlite/',
]

/** Tests of one dialect's own code. */
const dialectTests = { sqlite: '/engine/test/dialect/sqlite/', postgres: '/engine/test/dialect/postgres/' }

const stackName = process.env['ALUDEL_TEST_STACK'] ?? mainStack
const stack = stackName === servers ? serversStack : stacks[stackName]
if (stack === undefined) {
  throw new Error(
    `ALUDEL_TEST_STACK is ${JSON.stringify(stackName)}: it must be one of ${[...Object.keys(stacks), servers].join(', ')}`,
  )
}

/** Regular expressions for the paths of test files that have nothing to say on this stack. */
const leftOut =
  stackName === mainStack
    ? []
    : [
        ...pure,
        // How a server behaves, the searches find out too.
        ...(stackName === servers ? notOfServers : once),
        ...Object.entries(dialectTests)
          .filter(([dialect]) => !stack.dialects.some((served) => served === dialect))
          .map(([, path]) => path),
      ]

/**
 * The target of a package's tests on a stack, as the summary names it; on the stack `servers`, one for each version.
 *
 * @param {string} name
 * @param {string} [version] of the server
 */
const targetOf = (name, version) => (name === servers ? `${serversStack.target}-${version}` : stacks[name].target)

module.exports = { stacks, mainStack, servers, stackName, stack, leftOut, targetOf }
