import type { DataSource } from 'typeorm'

import { render } from '../../../src/dialect/postgres/render'
import { reverseOperations } from '../../../src/operations'
import type { Operation } from '../../../src/operations/operation'
import { compare } from '../../../src/schema/compare'
import { type Alteration, columnAlterations, enumAlterations, objectAlterations } from './alterations'
import { apply, differences, empty } from './database-pair'
import { read, runScript, TestDatabases } from './support'

const databases = new TestDatabases()
let live: DataSource
let wanted: DataSource

beforeAll(async () => {
  live = await databases.open({ poolSize: 1 })
  wanted = await databases.open({ poolSize: 1 })
})
afterAll(() => databases.close())
beforeEach(async () => {
  for (const database of [live, wanted]) await empty(database)
})

async function alter(alteration: Alteration): Promise<void> {
  await runScript(live, alteration.before)
  await runScript(live, alteration.rows)
  await runScript(wanted, alteration.after)
  const [from, to] = [await read(live), await read(wanted)]
  const operations = compare(from, to)
  expect(operations).not.toEqual([])

  const up = render(operations, from)
  await apply(live, up)
  expect(differences(await read(live), to)).toEqual([])
  const text = up.map(({ sql }) => sql).join('\n')
  if (alteration.sql !== undefined) expect(text).toMatch(alteration.sql)
  if (alteration.notSql !== undefined) expect(text).not.toMatch(alteration.notSql)
  if (alteration.expected !== undefined) expect(await live.query(alteration.expected[0])).toEqual(alteration.expected[1])

  await apply(live, render(reverseOperations(operations, to), to))
  expect(differences(await read(live), from)).toEqual([])
  if (alteration.undone !== undefined) expect(await live.query(alteration.undone[0])).toEqual(alteration.undone[1])

  await apply(live, up)
  expect(differences(await read(live), to)).toEqual([])
}

/** Only the alterations themselves: everything in their way is the renderer's own business then. */
async function alterAlone(alteration: Alteration): Promise<void> {
  await runScript(live, alteration.before)
  await runScript(live, alteration.rows)
  await runScript(wanted, alteration.after)
  const [from, to] = [await read(live), await read(wanted)]
  const isAlteration = ({ op }: Operation): boolean => op === 'alterColumn' || op === 'alterEnum'

  await apply(live, render(compare(from, to).filter(isAlteration), from))
  expect(differences(await read(live), to)).toEqual([])
  if (alteration.expected !== undefined) expect(await live.query(alteration.expected[0])).toEqual(alteration.expected[1])
  await apply(live, render(compare(to, from).filter(isAlteration), to))
  expect(differences(await read(live), from)).toEqual([])
  if (alteration.undone !== undefined) expect(await live.query(alteration.undone[0])).toEqual(alteration.undone[1])
}

describe('columns', () => {
  test.each(columnAlterations)('$name', alter)
})
describe('enums', () => {
  test.each(enumAlterations)('$name', alter)
})
describe('other objects', () => {
  test.each(objectAlterations)('$name', alter)
})
describe('alterations with dependants in their way', () => {
  test.each([...columnAlterations, ...enumAlterations].filter(({ alone }) => alone === true))('$name', alterAlone)
})
