import { readFileSync } from 'node:fs'
import path from 'node:path'

import { makeDatabase, postgresMajor } from '../../../../../tools/testing/databases'
import { isStronger, type LockMode, lockModes } from '../../../src/sql/effects'
import { loadPostgresEffects } from '../../../src/sql/postgres/effects'

import { unseen } from './exceptions'
import type { Form } from './form'
import { groups } from './forms'
import { measureForms, type Result } from './measure'

/** The data of docs/locks.md, which `node tools/docs/ddl-locks.mjs` writes. */
interface Data {
  readonly groups: readonly { readonly title: string; readonly forms: readonly DataForm[] }[]
}

interface DataForm {
  readonly title: string
  readonly sql: string
  readonly table: string
  readonly outside?: true
  readonly measured: readonly (Partial<Result> & { readonly versions: readonly [first: number, last: number] })[]
}

const data = JSON.parse(readFileSync(path.join(__dirname, 'measured.json'), 'utf8')) as Data

let results: ReadonlyMap<string, Result>

beforeAll(async () => {
  const database = await makeDatabase('postgres')
  try {
    results = await measureForms(
      database.url,
      groups.flatMap(({ forms }) => forms),
    )
  } finally {
    await database.drop()
  }
  // Before PostgreSQL 15 it waits a second for the statistics of each session.
}, 180_000)

test('every form has a title of its own', () => {
  const titles = groups.flatMap(({ forms }) => forms.map(({ title }) => title))
  expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([])
})

test('the data have the same groups in the same order', () => {
  expect(data.groups.map(({ title }) => title)).toEqual(groups.map(({ title }) => title))
})

test.each(groups)('the data agree with the server about $title', ({ title, forms }) => {
  const measured = forms.map(({ title, sql, table = 'items', outside }) => {
    const result = results.get(title)
    return { title, sql, table, outside, result }
  })
  const written = data.groups
    .find((group) => group.title === title)
    ?.forms.map(({ title, sql, table, outside, measured }) => ({
      title,
      sql,
      table,
      outside,
      result: resultIn(measured),
    }))
  expect(measured).toEqual(written)
})

function resultIn(measured: DataForm['measured']): Result | undefined {
  const found = measured.find(({ versions: [first, last] }) => first <= postgresMajor && postgresMajor <= last)
  if (found === undefined) return undefined
  const { locks = [], rewrites = [], rebuilds = [], scans = [] } = found
  return { locks, rewrites, rebuilds, scans }
}

test.each(groups)(
  'the text of a statement announces what it does, except what only the catalog knows: $title',
  async ({ forms }) => {
    const readerOf = await loadPostgresEffects()
    const found = forms.flatMap((form) => {
      const result = results.get(form.title)
      if (result === undefined) return []
      const { locks, rewrites, transactional } = readerOf(() => undefined).read(form.sql)
      const announced = new Map(locks.map(({ table, level, isIndex }) => [isIndex ? `index ${table}` : table, level]))
      const problems = [
        ...result.locks.flatMap((lock) => {
          const { level, object } = partsOf(lock)
          const isCovered = [object, parentOf(object)].some((name) => {
            const claimed = announced.get(name)
            return claimed !== undefined && !isStronger(level, claimed)
          })
          return isCovered || !blocksRows(level) ? [] : [`takes ${lock}`]
        }),
        // The new file of TRUNCATE is empty.
        ...(form.sql.startsWith('TRUNCATE') ? [] : rewritesIn(result.rewrites, rewrites)),
        ...(transactional === (form.outside === undefined) ? [] : ['cannot run in a transaction']),
      ]
      return problems.length === 0 ? [] : [[form.title, problems] as const]
    })
    const expected = forms.flatMap(({ title }) => {
      const problems = unseen.get(title)
      return problems === undefined || !results.has(title) ? [] : [[title, problems] as const]
    })
    expect(found).toEqual(expected)
  },
)

function rewritesIn(measured: readonly string[], announced: readonly string[]): readonly string[] {
  const isOf = (table: string, named: string): boolean => table === named || parentOf(table) === named
  return [
    ...measured.flatMap((table) => (announced.some((named) => isOf(table, named)) ? [] : [`rewrites ${table}`])),
    ...announced.flatMap((named) =>
      measured.some((table) => isOf(table, named)) ? [] : [`does not rewrite ${named}`],
    ),
  ]
}

test('no exception is about a form that does not exist', () => {
  const titles = new Set(groups.flatMap(({ forms }) => forms.map(({ title }) => title)))
  expect([...unseen.keys()].filter((title) => !titles.has(title))).toEqual([])
})

test('what needs a later server is not measured on this one', () => {
  const missing = groups.flatMap(({ forms }) => forms.filter(({ title }) => !results.has(title)))
  expect(missing.filter(({ since = 13 }: Form) => since <= postgresMajor)).toEqual([])
})

function partsOf(lock: string): { readonly level: LockMode; readonly object: string } {
  // Some levels begin like others: SHARE, SHARE ROW EXCLUSIVE.
  const [level = 'ACCESS EXCLUSIVE'] = lockModes
    .filter((mode) => lock.startsWith(`${mode} `))
    .sort((a, b) => b.length - a.length)
  return { level, object: lock.slice(level.length + 1) }
}

function blocksRows(level: LockMode): boolean {
  return !isStronger('SHARE', level)
}

/** What happens to a table happens to its partitions, whose names only the catalog knows. */
function parentOf(name: string): string {
  return name.replace(/^events_[12]$/, 'events')
}
