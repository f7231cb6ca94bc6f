import Database from 'better-sqlite3'

import { hostileValues } from '../../../src/dialect/sqlite/hostile'
import { type Column, emptySchema } from '../../../src/schema/schema'

const column = (type: string): Column => ({ name: 'c', type, nullable: true })
const types = ['integer', 'varchar(10)', 'text', 'real', 'decimal(10,2)', 'boolean', 'blob', 'json', 'datetime', '']

test.each(types)('hostileValues of %j are SQL, and more of them where the type changes', (type) => {
  const database = new Database(':memory:')
  database.exec(`CREATE TABLE "t" ("c" ${type})`)
  const usual = hostileValues(column(type), emptySchema)
  const all = hostileValues(column(type), emptySchema, column(type === 'integer' ? 'text' : 'integer'))
  for (const value of all) database.exec(`INSERT INTO "t" VALUES (${value})`)
  expect(all).toEqual(expect.arrayContaining([...usual]))
  expect(all.length).toBeGreaterThan(usual.length)
  database.close()
})

test('hostileValues are texts that a column of numbers would change', () => {
  const values = hostileValues(column('text'), emptySchema, column('integer'))
  expect(values).toEqual(expect.arrayContaining(["'007'", "'1e3'", "''", "'abc'"]))
  expect(hostileValues(column('varchar(10)'), emptySchema, column('varchar(3)'))).toContain("'xxxx'")
  expect(hostileValues({ ...column('text'), generated: { expression: '1', kind: 'virtual' } }, emptySchema)).toEqual([])
})
