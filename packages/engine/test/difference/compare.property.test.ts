import fc from 'fast-check'

import { testRuns } from '../../../../tools/testing/runs.cjs'
import { applyOperations, describeOperation, reverseOperations } from '../../src/operations'
import type { Operation } from '../../src/operations/operation'
import { compare } from '../../src/difference/compare'
import { mentionsName } from '../../src/schema/expressions'
import { orderOperations } from '../../src/difference/order'
import { planChanges } from '../../src/difference/plan-changes'
import { sameName, type Schema } from '../../src/schema/schema'
import { arbitrarySchema } from '../support/arbitrary-schema'
import { everyRename } from '../support/every-rename'
import { normalizeSchema, schemasEqual } from '../support/normalize-schema'

describe.each(['postgres', 'sqlite'] as const)('compare on random schemas of %s', (dialect) => {
  const arbitrary = arbitrarySchema({ dialect })
  const pairs = (check: (from: Schema, to: Schema) => void): void => {
    fc.assert(fc.property(arbitrary, arbitrary, check), { numRuns: testRuns(25) })
  }

  test('finds no difference between a schema and itself in any order of its lists', () => {
    fc.assert(
      fc.property(arbitrary, (schema) => {
        expect(compare(schema, schema).map(describeOperation)).toEqual([])
        const shuffled: Schema = {
          ...schema,
          tables: [...schema.tables].reverse().map((table) => ({ ...table, columns: [...table.columns].reverse() })),
          enums: [...schema.enums].reverse(),
        }
        expect(compare(schema, shuffled).map(describeOperation)).toEqual([])
        expect(schemasEqual(schema, shuffled)).toBe(true)
      }),
      { numRuns: testRuns(40) },
    )
  })

  test('returns operations that lead to the other schema, and back when reversed', () => {
    pairs((from, to) => {
      const operations = compare(from, to)
      const after = applyOperations(operations, from)
      expect(normalizeSchema(after)).toEqual(normalizeSchema(to))
      expect(compare(after, to).map(describeOperation)).toEqual([])
      const back = applyOperations(reverseOperations(operations), to)
      expect(normalizeSchema(back)).toEqual(normalizeSchema(from))
    })
  })

  test('returns no operations exactly if the schemas are equal', () => {
    pairs((from, to) => {
      expect(compare(from, to).length === 0).toBe(schemasEqual(from, to))
    })
  })

  test('returns operations in an order that orderOperations does not change', () => {
    pairs((from, to) => {
      const operations = compare(from, to)
      expect(orderOperations(operations, from, to)).toEqual(operations)
    })
  })

  test('keeps every rename in a plan, whatever else changes', () => {
    pairs((from, to) => {
      const answers = everyRename(from, to)
      const operations = planChanges(from, to, answers).operations
      expect(normalizeSchema(applyOperations(operations, from))).toEqual(normalizeSchema(to))
      expect(normalizeSchema(applyOperations(reverseOperations(operations), to))).toEqual(normalizeSchema(from))
      const renames = operations.filter(({ op }) => op === 'renameTable' || op === 'renameColumn')
      expect(renames).toHaveLength(answers.length)
    })
  })

  test('drops the views that read a column or table before it is dropped or changes type', () => {
    pairs((from, to) => {
      let schema = from
      for (const operation of planChanges(from, to, everyRename(from, to)).operations) {
        if (operation.op === 'dropColumn' || operation.op === 'dropTable' || isRetype(operation)) {
          // A view that reads only other columns of the table does not block the operation.
          const column = operation.op === 'dropTable' ? undefined : columnOf(operation)
          const readers = schema.views.filter(
            (view) =>
              view.dependsOn.some((read) => sameName(read, operation.table)) &&
              (column === undefined || mentionsName(view.definition, column)),
          )
          expect(readers.map((view) => view.name)).toEqual([])
        }
        schema = applyOperations([operation], schema)
      }
    })
  })

  test('drops a foreign key before its key is dropped or its column types differ', () => {
    pairs((from, to) => {
      let schema = from
      for (const operation of compare(from, to)) {
        schema = applyOperations([operation], schema)
        expect(danglingKeys(schema)).toEqual([])
      }
    })
  })
})

function isRetype(operation: Operation): operation is Extract<Operation, { op: 'alterColumn' }> {
  return operation.op === 'alterColumn' && operation.from.type !== operation.to.type
}

/** Foreign keys whose target has no key over their columns or has columns of other types. */
function danglingKeys({ tables }: Schema): string[] {
  return tables.flatMap((table) =>
    table.foreignKeys.flatMap(({ name, columns, references }) => {
      const target = tables.find((other) => sameName(other, references))
      const keys = [target?.primaryKey?.columns, ...(target?.uniques.map((unique) => unique.columns) ?? [])]
      const isKey = keys.some((key) => JSON.stringify(key) === JSON.stringify(references.columns))
      const typeOf = (owner: typeof target, column: string | undefined): string | undefined =>
        owner?.columns.find((other) => other.name === column)?.type
      const agrees = columns.every(
        (column, place) => typeOf(table, column) === typeOf(target, references.columns[place]),
      )
      return isKey && agrees ? [] : [`${table.name}.${name ?? ''}`]
    }),
  )
}

function columnOf(operation: Extract<Operation, { op: 'dropColumn' | 'alterColumn' }>): string {
  return operation.op === 'dropColumn' ? operation.column.name : operation.from.name
}
