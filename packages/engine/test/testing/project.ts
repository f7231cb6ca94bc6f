import path from 'node:path'

import type { MigratorOptions } from '../../src/project/options'
import type { DialectName } from '../../src/dialect/registry'
import type { RevisionTestResult, TestResult } from '../../src/results'
import type { TestOptions } from '../../src/testing/test'
import { openProject, type TestProject } from '../migrator/project'

/** What test files of tests import. */
export const testingModule = path.resolve(__dirname, '../../src/testing')
const migrationModule = path.resolve(__dirname, '../../src/migration')

/** The name and the text of a revision file; statements may differ between databases. */
export function revision(
  number: number,
  name: string,
  up: string,
  { down = '', fields = '' }: { readonly down?: string; readonly fields?: string } = {},
): Readonly<Record<string, string>> {
  const id = String(number).repeat(12)
  const parent = number === 1 ? 'null' : `'${String(number - 1).repeat(12)}'`
  return {
    [`170000000000${String(number)}-${name}.ts`]: `import type { MigrationInterface, QueryRunner } from 'typeorm'
import { batched } from ${JSON.stringify(migrationModule)}

/** ${name} */
export class ${name}170000000000${String(number)} implements MigrationInterface {
  static readonly revision = '${id}'
  static readonly downRevision = ${parent}
  ${fields}
  async up(q: QueryRunner): Promise<void> {
    const isPostgres = q.connection.options.type === 'postgres'
    ${up}
  }
  async down(q: QueryRunner): Promise<void> {
    const isPostgres = q.connection.options.type === 'postgres'
    ${down}
  }
}
`,
  }
}

/** The name and the text of the test file of a revision. */
export function tests(number: number, name: string, cases: string): Readonly<Record<string, string>> {
  return {
    [`170000000000${String(number)}-${name}.test.ts`]: `import { strict as assert } from 'node:assert'
import { testRevision } from ${JSON.stringify(testingModule)}

export default testRevision({
${cases}
})
`,
  }
}

/** A table of people, and a revision that splits their names. */
export const people = {
  ...revision(
    1,
    'People',
    'await q.query(`CREATE TABLE "people" ("id" integer PRIMARY KEY NOT NULL, "name" text NOT NULL)`)',
    { down: 'await q.query(`DROP TABLE "people"`)' },
  ),
  ...revision(
    2,
    'Split',
    `await q.query('ALTER TABLE "people" ADD COLUMN "first" text')
    const start = isPostgres ? 'position(\\' \\' in "name")' : 'instr("name", \\' \\')'
    await q.query(\`UPDATE "people" SET "first" = substr("name", 1, \${start} - 1) WHERE \${start} > 0\`)
    await q.query('CREATE UNIQUE INDEX "by_name" ON "people" ("name")')`,
    { down: `await q.query('DROP INDEX "by_name"')\n    await q.query('ALTER TABLE "people" DROP COLUMN "first"')` },
  ),
}

/** A project with revisions and tests, and what they give. */
export interface TestedProject {
  readonly project: TestProject
  test(options?: TestOptions, more?: Partial<MigratorOptions>): Promise<TestResult>
  /** The one result, which must be alone. */
  one(cases: string): Promise<RevisionTestResult>
  remove(): Promise<void>
}

export async function openTested(
  dialect: DialectName,
  files: Readonly<Record<string, string>> = people,
): Promise<TestedProject> {
  const project = await openProject(dialect)
  await project.write(files)
  const test: TestedProject['test'] = (options, more) => project.migrator([], more).test(options)
  return {
    project,
    test,
    one: async (cases) => {
      await project.write(tests(2, 'Split', cases))
      const result = await test()
      expect(result.tests).toHaveLength(1)
      const [only] = result.tests
      if (only === undefined) throw new Error('there is no result')
      return only
    },
    remove: () => project.remove(),
  }
}

/** How each test ended, by title: the message of a failure. */
export function outcomes({ tests: results }: TestResult): Record<string, string> {
  return Object.fromEntries(results.map(({ title, outcome, failure }) => [title, failure?.message ?? outcome]))
}
