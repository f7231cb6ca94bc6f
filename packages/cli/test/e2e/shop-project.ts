import {
  aludel,
  aludelProcess,
  type Dialect,
  makeDatabase,
  makeDirectory,
  type ProcessOptions,
  type Ran,
  removeDirectory,
  type RunOptions,
  type TestDatabase,
} from './harness'
import { shop } from './shop'

/** The document that `--json` prints for an error. */
export interface ErrorDocument {
  readonly error: { readonly code: string; readonly message: string; readonly help?: string; readonly details: object }
}

/** A project with its own directory and database. */
export interface ShopProject {
  readonly directory: string
  readonly database: TestDatabase
  /** Runs `aludel migrate` with the words of a text, which are separated by spaces. */
  migrate(words: string, options?: Partial<RunOptions>): Promise<Ran>
  /** Does the same in a separate process. */
  migrateAlone(words: string, options?: Partial<ProcessOptions>): Promise<Ran>
  /** Runs `aludel` with these arguments in a separate process. */
  alone(args: readonly string[], options?: Partial<ProcessOptions>): Promise<Ran>
  /** Does what `migrate` does, and throws unless the exit code is 0. */
  succeeds(words: string): Promise<Ran>
  /** Runs `aludel` with these arguments, which may contain spaces. */
  aludel(args: readonly string[], options?: Partial<RunOptions>): Promise<Ran>
  /** Returns the names of all tables except those of the history, sorted, including unexpected ones. */
  tables(): Promise<string[]>
}

/**
 * Creates a project, and removes it after the tests.
 *
 * @param when `each`: a new one for each test of the block; `all`: one for the whole block
 */
export function useShop(dialect: Dialect, when: 'each' | 'all' = 'each'): ShopProject {
  let directory = ''
  let database: TestDatabase | undefined

  const make = async (): Promise<void> => {
    directory = makeDirectory(shop(dialect))
    database = await makeDatabase(dialect)
  }
  const remove = async (): Promise<void> => {
    await database?.drop()
    removeDirectory(directory)
  }
  if (when === 'each') {
    beforeEach(make)
    afterEach(remove)
  } else {
    beforeAll(make)
    afterAll(remove)
  }

  const onShop = (args: readonly string[]): readonly string[] => [
    ...args,
    ...['--data-source', 'data-source.ts', '--database-url', project.database.url],
  ]
  const project: ShopProject = {
    get directory() {
      return directory
    },
    get database() {
      if (database === undefined) throw new Error('the database is made before the tests')
      return database
    },
    migrate: (words, options) => project.aludel(['migrate', ...words.split(' ')], options),
    migrateAlone: (words, options) => project.alone(['migrate', ...words.split(' ')], options),
    alone: (args, options) => aludelProcess(onShop(args), { cwd: directory, ...options }),
    aludel: (args, options) => aludel(onShop(args), { cwd: directory, ...options }),
    async succeeds(words) {
      const ran = await project.migrate(words)
      if (ran.code !== 0) throw new Error(`${words} ended with ${String(ran.code)}:\n${ran.stdout}\n${ran.stderr}`)
      return ran
    },
    async tables() {
      const rows = await project.database.query(
        dialect === 'sqlite'
          ? "SELECT name FROM sqlite_master WHERE type = 'table'"
          : "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'",
      )
      const own = /^(?:migrations|aludel_journal|aludel_lock|typeorm_metadata|sqlite_.*)$/
      return rows
        .map(({ name }) => String(name))
        .filter((name) => !own.test(name))
        .sort()
    },
  }
  return project
}
