import { rm } from 'node:fs/promises'
import path from 'node:path'

import fc from 'fast-check'
import type { DataSource } from 'typeorm'

import { testRuns } from '../../../../tools/testing/runs.cjs'
import { diffOf, statementsOf } from '../../src/create/diff'
import type { RevisionBody } from '../../src/files/render'
import { writeRevisionFile } from '../../src/files/write'
import { isAludelError } from '../../src/errors'
import { withCountedExtensions } from '../../src/schema/extensions'
import { emptySchema, type Schema } from '../../src/schema/schema'
import { openProject, type TestProject } from '../migrator/project'
import { dialectNames, openDatabase } from '../run/databases'
import { arbitrarySchema } from '../support/arbitrary-schema'

/** Number of histories. On PostgreSQL each needs several databases. */
const histories = { sqlite: 4, postgres: 1 }

/** A chain of revisions from one random schema to the next; a squash of it verifies itself, or throws. */
describe.each(dialectNames)('squash of a random history on %s', (dialectName) => {
  let project: TestProject
  beforeEach(async () => {
    project = await openProject(dialectName)
  })
  afterEach(() => project.remove())

  const dialect = () => project.database.dialect

  /** The schema as the database reports it. */
  async function canonical(schema: Schema): Promise<Schema> {
    const { dataSource, drop } = await openDatabase(dialectName)
    try {
      await apply(dataSource, statementsOf(diffOf({ dialect: dialect(), from: emptySchema, to: schema })).up)
      return withCountedExtensions(await dialect().introspection.read(dataSource, { ignoreTables: [] }))
    } finally {
      await drop()
    }
  }

  async function apply(dataSource: DataSource, statements: RevisionBody['up']): Promise<void> {
    const runner = dataSource.createQueryRunner()
    for (const { sql } of statements) await runner.query(sql)
    await runner.release()
  }

  test('leads to the same schema as the history', async () => {
    const schemas = arbitrarySchema({ dialect: dialectName, tables: 3 })
    // File names never repeat, because a module that was imported once is not read again.
    let timestamp = 1_800_000_000_000
    await fc.assert(
      fc.asyncProperty(fc.array(schemas, { minLength: 2, maxLength: 4 }), async (chain) => {
        const migrator = project.migrator([])
        try {
          let from = emptySchema
          const ids: string[] = []
          for (const [index, schema] of chain.entries()) {
            const to = await canonical(schema)
            const id = `aa000${String(index)}`
            await writeRevisionFile(project.revisions, {
              id,
              timestamp: timestamp++,
              message: `schema ${String(index)}`,
              downRevision: ids.slice(-1),
              branchLabels: [],
              dependsOn: [],
              language: 'cjs',
              body: { [dialectName]: statementsOf(diffOf({ dialect: dialect(), from, to })) },
              driverTypes: { [dialectName]: dialect().connection.driverTypes },
            })
            ids.push(id)
            from = to
          }
          // Which revisions it keeps as written depends on the order of columns, and is not checked.
          const { replaces } = await migrator.squash('base:head', { dryRun: true })
          expect(replaces.map(({ revision }) => revision)).toEqual(ids)
          if (ids.length > 2) await migrator.squash(`${ids[1] ?? ''}:head`, { dryRun: true })
        } catch (error) {
          // Between some random schemas no revision is possible. No real history contains such a step, so it does not count.
          fc.pre(!isAludelError(error) || error.code !== 'ALUDEL_REPLAY')
          throw error
        } finally {
          await migrator.close()
          for (const name of Object.keys(await project.files())) await rm(path.join(project.revisions, name))
        }
      }),
      { numRuns: testRuns(histories[dialectName]), maxSkipsPerRun: 2 },
    )
  })
})
