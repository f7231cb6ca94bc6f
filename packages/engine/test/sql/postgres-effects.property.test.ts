import fc from 'fast-check'
import { Client } from 'pg'

import { makeDatabase, postgresMajor, type TestDatabase } from '../../../../tools/testing/databases'
import { testRuns } from '../../../../tools/testing/runs.cjs'
import { type ColumnsOf, type EffectsReader, isStronger, type StatementEffects } from '../../src/sql/effects'
import { loadPostgresEffects } from '../../src/sql/postgres/effects'

import { type Observation, observe } from './postgres-observer'
import { objects, statements } from './postgres-statements'

/**
 * Runs random statements on a real server, and checks that all changes in its catalog, rows and locks were claimed in advance.
 */

let database: TestDatabase
let client: Client
let readerOf: (columnsOf: ColumnsOf) => EffectsReader

beforeAll(async () => {
  readerOf = await loadPostgresEffects()
  database = await makeDatabase('postgres')
  client = new Client(database.url)
  await client.connect()
  await client.query(objects)
})

afterAll(async () => {
  await client.end()
  await database.drop()
})

/** Tables and columns whose values the statements so far may have destroyed, by ids that a rename does not change. */
class Claims {
  #anything = false
  readonly #tables = new Set<number>()
  readonly #columns = new Set<string>()

  add(effects: StatementEffects, before: Observation): void {
    for (const { text, table } of effects.destroys) {
      const named = table === undefined ? [] : relationsNamed(table, before)
      if (named.length === 0) this.#anything = true
      for (const { oid, columns } of named) {
        const column = columnIn(text, table ?? '')
        const number = column === undefined ? undefined : columns.get(column)
        if (column === undefined) this.#addRows(oid, before)
        else {
          for (const one of [oid, ...descendants(oid, before)]) {
            const there = one === oid ? number : before.relations.get(one)?.columns.get(column)
            if (there !== undefined) this.#columns.add(`${String(one)}.${String(there)}`)
          }
          // ON UPDATE CASCADE is not visible in the text.
          if (column === 'id') for (const [from, to] of before.links) if (to === oid) this.#tables.add(from)
        }
      }
    }
  }

  /** Also adds tables that refer to this one, and its partitions; neither is visible in the text. */
  #addRows(oid: number, before: Observation): void {
    if (this.#tables.has(oid)) return
    this.#tables.add(oid)
    for (const [from, to] of before.links) if (to === oid) this.#addRows(from, before)
  }

  /** Values of the first observation that are missing now and were not claimed. */
  missing(first: Observation, now: Observation): readonly string[] {
    if (this.#anything) return []
    return [...first.rows].flatMap(([oid, rows]) => {
      if (this.#tables.has(oid)) return []
      const text = first.relations.get(oid)?.text ?? ''
      const left = now.rows.get(oid)
      if (left === undefined) return [`table ${text}`]
      return rows.flatMap((row) => {
        const own = [...row].filter(([number]) => !this.#columns.has(`${String(oid)}.${String(number)}`))
        const isThere = left.some((other) => own.every(([number, value]) => other.get(number) === value))
        return isThere ? [] : [`row of ${text}: ${own.map(([, value]) => value).join(', ')}`]
      })
    })
  }
}

function columnIn(text: string, table: string): string | undefined {
  const values = /^(?:old )?values of /.exec(text)?.[0]
  if (values === undefined) return undefined
  return text.slice(values.length + table.length + 1).replace(/ that do not fit .*$/, '')
}

/** More than one, because a temporary table and another one can have the same name. */
function relationsNamed(text: string, { relations, isDefaultPath }: Observation) {
  return [...relations.values()].filter(
    (relation) => relation.text === text || (!isDefaultPath && relation.name === text),
  )
}

function descendants(oid: number, before: Observation): readonly number[] {
  return before.links.flatMap(([from, to]) =>
    to === oid
      ? [from, ...descendants(from, { ...before, links: before.links.filter((link) => link[1] !== oid) })]
      : [],
  )
}

/** Relations that a lock on one of these can reach through the catalog. */
function connected(oids: ReadonlySet<number>, { links }: Observation): ReadonlySet<number> {
  const reached = new Set(oids)
  for (let size = -1; size !== reached.size;) {
    size = reached.size
    for (const [a, b] of links) {
      if (reached.has(a)) reached.add(b)
      if (reached.has(b)) reached.add(a)
    }
  }
  return reached
}

const counts = { executed: 0, refused: 0, harmless: 0, reads: 0, lost: 0 }

async function check(texts: readonly string[]): Promise<void> {
  await client.query('BEGIN')
  try {
    const first = await observe(client)
    const newReader = (): EffectsReader =>
      readerOf((table) => {
        const [found] = relationsNamed(table, first)
        return found === undefined ? undefined : [...found.columns.keys()]
      })
    let reader = newReader()
    const executed: string[] = []
    const claims = new Claims()
    let before = first
    for (const sql of texts) {
      const effects = reader.read(sql)
      await client.query('SAVEPOINT one')
      const error = await client.query(sql).then(
        () => undefined,
        (reason: unknown) => reason as { readonly code?: string; readonly message: string },
      )
      if (error !== undefined) {
        counts.refused += 1
        if (error.code === '25001' && effects.transactional) throw new Error(`no transaction takes it: ${sql}`)
        // The reader assumed that the statement succeeded, so a new one reads the executed statements.
        await client.query('ROLLBACK TO one')
        reader = newReader()
        for (const earlier of executed) reader.read(earlier)
        // A rollback does not reset sequences.
        before = await observe(client)
        continue
      }
      counts.executed += 1
      executed.push(sql)
      const now = await observe(client)
      // A statement may reach relations through links that an earlier statement of the same text created.
      claims.add(effects, { ...before, links: [...before.links, ...now.links] })
      const problems = [
        ...claims.missing(first, now).map((what) => `lost: ${what}`),
        ...strangeLocks(effects, before, now).map((what) => `locked: ${what}`),
        ...rewritten(effects, before, now, sql).map((what) => `rewritten: ${what}`),
      ]
      const isTakenBack = effects.does.includes('rollback')
      if (!effects.writes && !isTakenBack && before.fingerprint !== now.fingerprint) problems.push('changed something')
      if (effects.reads) counts.reads += 1
      if (effects.destroys.length === 0) counts.harmless += 1
      else counts.lost += 1
      if (problems.length > 0)
        throw new Error(
          `${problems.join('\n')}\nby ${sql}\nclaimed ${JSON.stringify(effects)}\nafter ${JSON.stringify(executed)}`,
        )
      before = now
    }
  } finally {
    await client.query('ROLLBACK')
    await client.query('RESET ALL; DEALLOCATE ALL; UNLISTEN *')
  }
}

/** Blocking locks on relations that existed before, which are new in the transaction and were not claimed. */
function strangeLocks(effects: StatementEffects, before: Observation, now: Observation): readonly string[] {
  // These also lock everything that depends on the dropped object.
  if (
    effects.destroys.some(({ table }) => table === undefined) ||
    /drop (?:type|domain|sequence|schema)/.test(effects.does)
  )
    return []
  const claimed = effects.locks.flatMap(({ table, level }) =>
    relationsNamed(table, before).map(({ oid }) => ({ oid, level })),
  )
  const reachedFromOthers = (oid: number): boolean =>
    connected(new Set(claimed.flatMap((claim) => (claim.oid === oid ? [] : [claim.oid]))), before).has(oid)
  return [...now.locks].flatMap(([oid, level]) => {
    const relation = before.relations.get(oid)
    const held = before.locks.get(oid)
    if (relation === undefined || relation.kind === 'S' || relation.kind.toLowerCase() === 'i') return []
    if (held !== undefined && !isStronger(level, held)) return []
    if (reachedFromOthers(oid)) return []
    if (claimed.some((claim) => claim.oid === oid && !isStronger(level, claim.level))) return []
    return isNewHere(oid) ? [] : [`${level} ${relation.text}`]
  })

  /** Whether it was created since the first statement. */
  function isNewHere(oid: number): boolean {
    return !firstOids.has(oid)
  }
}

let firstOids: ReadonlySet<number> = new Set()

beforeAll(async () => {
  firstOids = new Set((await observe(client)).relations.keys())
})

function rewritten(effects: StatementEffects, before: Observation, now: Observation, sql: string): readonly string[] {
  if (effects.unknown !== null) return []
  // Converting an integer to text rewrites the table, widening a text does not, and the statement does not contain the old type.
  const isText = /type\s+(?:text|varchar)/i.test(sql.replaceAll(/\/\*.*?\*\/|--.*\n/g, ' '))
  const names = new Set([...effects.rewrites, ...effects.destroys.flatMap(({ table }) => table ?? [])])
  return [...before.relations.values()].flatMap(({ oid, text, kind, file }) => {
    const then = now.relations.get(oid)?.file
    if (!'rm'.includes(kind) || then === undefined || then === file || !firstOids.has(oid) || isText) return []
    const isReached = [...names].some((name) =>
      relationsNamed(name, before).some((one) => connected(new Set([one.oid]), before).has(oid)),
    )
    const isAny = effects.destroys.some(({ table }) => table === undefined)
    return isReached || isAny ? [] : [text]
  })
}

/** Older servers do not know all of the statements. */
const onNewServers = postgresMajor >= 15 ? test : test.skip

onNewServers(
  'claims everything that random statements do to rows, locks and files',
  async () => {
    await fc.assert(fc.asyncProperty(statements, check), { numRuns: testRuns(100) })
    expect(counts.executed).toBeGreaterThan(counts.refused)
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(10)
  },
  120_000,
)
