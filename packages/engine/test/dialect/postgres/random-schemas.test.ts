import fc from 'fast-check'
import type { DataSource } from 'typeorm'

import { render } from '../../../src/dialect/postgres/render'
import { reverseOperations } from '../../../src/operations'
import { compare } from '../../../src/schema/compare'
import { emptySchema, type Schema } from '../../../src/schema/schema'
import { arbitrarySchema } from '../../support/arbitrary-schema'
import { apply, differences, empty } from './database-pair'
import { read, TestDatabases } from './support'

const runs = Number(process.env['ALUDEL_TEST_RUNS'] ?? 12)

const databases = new TestDatabases()
let live: DataSource
let wanted: DataSource
beforeAll(async () => {
  live = await databases.open({ poolSize: 1 })
  wanted = await databases.open({ poolSize: 1 })
})
afterAll(() => databases.close())

async function build(database: DataSource, schema: Schema): Promise<Schema> {
  await empty(database)
  await apply(database, render(compare(emptySchema, schema), emptySchema))
  return read(database)
}

test('from one random schema to another and back', async () => {
  const schemas = arbitrarySchema({ dialect: 'postgres', tables: 3 })
  await fc.assert(
    fc.asyncProperty(schemas, schemas, async (first, second) => {
      const [from, to] = [await build(live, first), await build(wanted, second)]
      const operations = compare(from, to)
      await apply(live, render(operations, from))
      expect(differences(await read(live), to)).toEqual([])
      await apply(live, render(reverseOperations(operations), to))
      expect(differences(await read(live), from)).toEqual([])
    }),
    { numRuns: runs },
  )
}, 600_000)
