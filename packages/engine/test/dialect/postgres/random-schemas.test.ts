import fc from 'fast-check'
import type { DataSource } from 'typeorm'

import { testRuns } from '../../../../../tools/testing/runs.cjs'
import { render } from '../../../src/dialect/postgres/render'
import { reverseOperations } from '../../../src/operations'
import { compare } from '../../../src/difference/compare'
import { emptySchema, type Schema } from '../../../src/schema/schema'
import { arbitrarySchema } from '../../support/arbitrary-schema'
import { dropSchemas } from '../../support/drop-schemas'
import { apply, databasePair, differences } from './database-pair'
import { read } from './support'

const pair = databasePair()

async function build(database: DataSource, schema: Schema): Promise<Schema> {
  await dropSchemas(database)
  await apply(database, render(compare(emptySchema, schema), emptySchema))
  return read(database)
}

test('rendered operations turn one random schema into another and back', async () => {
  const schemas = arbitrarySchema({ dialect: 'postgres', tables: 3 })
  await fc.assert(
    fc.asyncProperty(schemas, schemas, async (first, second) => {
      const [from, to] = [await build(pair.live, first), await build(pair.wanted, second)]
      const operations = compare(from, to)
      await apply(pair.live, render(operations, from))
      expect(differences(await read(pair.live), to)).toEqual([])
      await apply(pair.live, render(reverseOperations(operations), to))
      expect(differences(await read(pair.live), from)).toEqual([])
    }),
    { numRuns: testRuns(6) },
  )
})
