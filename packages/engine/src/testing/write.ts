import { writeFile } from 'node:fs/promises'
import path from 'node:path'

import type { QueryRunner } from 'typeorm'

import type { Dialect } from '../dialect/dialect'
import { compare } from '../difference/compare'
import { AludelError, messageOf, refuseAborted } from '../errors'
import { languageOf } from '../files/language'
import { testFileOf, testFilesBeside } from '../files/test-files'
import { subjectOf } from '../operations'
import type { MigratorContext } from '../project/context'
import { fillTables } from '../proof/fill'
import type { WrittenTest } from '../results'
import { resolveOne } from '../revision/identifier'
import type { Revision } from '../revision/revision'
import { displayName, type Schema } from '../schema/schema'
import { runAlone } from '../shadow/replay'
import type { RevisionTestCase, TestRow, TestRows } from './cases'
import { isExpected } from './compare'
import { type NamedRows, ScratchDatabase } from './database'
import { apply, type Ground, groundOf, onGround } from './ground'
import { DialectTests } from './run'
import { testFileText } from './skeleton'

/**
 * Writes a first test beside a revision: sample rows of the tables that it changes, and what the upgrade makes of them. It passes, and
 * shows what the revision does; what the rows should be is for people to say.
 */
export async function writeTest(context: MigratorContext, rev: string): Promise<WrittenTest> {
  const { graph } = await context.revisions.read()
  const revision = resolveOne(graph, rev, { purpose: 'show' })
  const file = testFileOf(revision.path)
  const [other] = await testFilesBeside(revision.path)
  if (other !== undefined) throw exists(other)
  const dialects = await context.connection.dialects()
  const needed = graph.ancestors([revision.id], { dependencies: true })
  const order = graph.order.filter(({ id }) => needed.has(id))
  const test = await firstTest(context, dialects, order, revision)
  const language = await languageOf(path.extname(revision.path).slice(1), path.dirname(revision.path))
  try {
    await writeFile(file, testFileText(language, revision.message, test), { flag: 'wx' })
  } catch (cause) {
    throw new AludelError('ALUDEL_REVISION_DIRECTORY', `cannot write the test ${file}: ${messageOf(cause)}`, {
      details: { path: file },
      cause,
    })
  }
  return { revision: revision.id, path: file, dialects: test.dialects ?? dialects.map(({ name }) => name) }
}

function exists(file: string): AludelError {
  return new AludelError('ALUDEL_REVISION_EXISTS', `the test ${file} exists`, {
    help: 'Nothing was written.',
    details: { path: file },
  })
}

/** A test that passes where it says; one without rows if sample rows cannot be used. */
async function firstTest(
  context: MigratorContext,
  dialects: readonly Dialect[],
  order: readonly Revision[],
  revision: Revision,
): Promise<RevisionTestCase> {
  const candidates: { readonly test: RevisionTestCase; readonly passing: readonly Dialect[] }[] = []
  // The sample rows of one database may not suit another.
  for (const dialect of dialects) {
    const rows = await sampled(context, dialect, order)
    if (rows === undefined) continue
    for (const test of [{ ...rows, back: 'as before' } as const, rows]) {
      const passing = await passingOn(context, dialects, order, revision, test)
      if (passing.length === dialects.length) return test
      candidates.push({ test, passing })
    }
  }
  const [best] = candidates.toSorted((one, other) => other.passing.length - one.passing.length)
  if (best === undefined || best.passing.length === 0) return { before: {}, after: {} }
  return { ...best.test, dialects: best.passing.map(({ name }) => name) }
}

async function passingOn(
  context: MigratorContext,
  dialects: readonly Dialect[],
  order: readonly Revision[],
  revision: Revision,
  test: RevisionTestCase,
): Promise<readonly Dialect[]> {
  const passing: Dialect[] = []
  for (const dialect of dialects) {
    const one = { file: { path: testFileOf(revision.path), revision }, title: revision.message, test }
    const [ended] = await new DialectTests(context, dialect, order).run([one])
    if (ended?.failure === undefined) passing.push(dialect)
  }
  return passing
}

/** Sample rows before the last revision, and what is there after it; undefined if it does not run with them. */
async function sampled(
  context: MigratorContext,
  dialect: Dialect,
  order: readonly Revision[],
): Promise<{ readonly before: TestRows; readonly after: TestRows } | undefined> {
  const below = order.slice(0, -1)
  const base = await (await context.shadows()).open(dialect)
  let ground: Ground | undefined
  try {
    await apply(context, dialect, base, below)
    ground = await groundOf(context, dialect, base, below)
    const first = await onGround(ground, (runner) => runWith(context, dialect, runner, order))
    const before = byTable(pick(first.before, first.schema, touched(first)))
    const second = await onGround(ground, (runner) => runWith(context, dialect, runner, order, before))
    const names = touched(first)
    const after = steady(first.after, second.after).filter(({ table }) => names.has(table))
    return { before, after: byTable(after.map((one) => onlyChanges(one, first))) }
  } catch {
    refuseAborted(context.signal)
    return undefined
  } finally {
    await ground?.drop()
    if (ground?.copies !== true) await base.drop()
  }
}

/** What there is before and after an upgrade. */
interface Run {
  readonly schema: Schema
  readonly before: readonly NamedRows[]
  readonly later: Schema
  readonly after: readonly NamedRows[]
}

/** @param rows to insert; default: samples for all tables */
async function runWith(
  context: MigratorContext,
  dialect: Dialect,
  runner: QueryRunner,
  order: readonly Revision[],
  rows?: TestRows,
): Promise<Run> {
  const db = new ScratchDatabase(dialect, runner, await context.connection.ignoreTables())
  const schema = await db.schema()
  if (rows === undefined) await fillTables(dialect, runner, schema)
  else await db.insertAll(rows)
  const before = await db.everything()
  const last = order.at(-1)
  if (last !== undefined) await runAlone(dialect, runner, last, 'upgrade', context.revisions.load)
  db.changed()
  return { schema, before, later: await db.schema(), after: await db.everything() }
}

/** The tables that the upgrade creates, drops or changes, or whose rows it changes. */
function touched({ schema, before, later, after }: Run): ReadonlySet<string> {
  const found = new Set(compare(schema, later).flatMap((operation) => subjectOf(operation).table ?? []))
  for (const { table, rows } of before) {
    const now = after.find((one) => one.table === table)
    if (now !== undefined && JSON.stringify(now.rows, replacer) !== JSON.stringify(rows, replacer)) found.add(table)
  }
  for (const { table } of after) if (!before.some((one) => one.table === table)) found.add(table)
  return found
}

function replacer(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}

/** The rows of these tables and of those that they reference, referenced ones first. */
function pick(rows: readonly NamedRows[], { tables }: Schema, names: ReadonlySet<string>): readonly NamedRows[] {
  const picked = new Map<string, NamedRows>()
  const visited = new Set<string>()
  const visit = (name: string): void => {
    if (visited.has(name)) return
    visited.add(name)
    const table = tables.find((one) => displayName(one) === name)
    for (const { references } of table?.foreignKeys ?? []) visit(displayName(references))
    const own = rows.find((one) => one.table === name)
    if (own !== undefined && own.rows.length > 0) picked.set(name, own)
  }
  for (const name of names) visit(name)
  return [...picked.values()]
}

/** The rows without the columns that have other values in a second run: times, random numbers. */
function steady(first: readonly NamedRows[], second: readonly NamedRows[]): readonly NamedRows[] {
  return first.map(({ table, rows }) => {
    const others = second.find((one) => one.table === table)?.rows ?? []
    const columns = Object.keys(rows[0] ?? {}).filter((column) =>
      rows.every((row, index) => isExpected(row[column], others[index]?.[column])),
    )
    return { table, rows: rows.map((row): TestRow => Object.fromEntries(columns.map((name) => [name, row[name]]))) }
  })
}

/** The rows with their keys and what the upgrade has changed; whole rows where it has not kept all of them under their keys. */
function onlyChanges({ table, rows }: NamedRows, { schema, before }: Run): NamedRows {
  const key = schema.tables.find((one) => displayName(one) === table)?.primaryKey?.columns ?? []
  const earlier = before.find((one) => one.table === table)?.rows ?? []
  const pairs = rows.map((row) => ({
    row,
    was: earlier.find((one) => key.every((name) => name in row && isExpected(row[name], one[name]))),
  }))
  if (key.length === 0 || rows.length !== earlier.length || pairs.some(({ was }) => was === undefined))
    return { table, rows }
  const isChanged = (name: string): boolean =>
    pairs.some(({ row, was }) => was === undefined || !(name in was) || !isExpected(row[name], was[name]))
  const columns = Object.keys(rows[0] ?? {}).filter((name) => key.includes(name) || isChanged(name))
  return { table, rows: rows.map((row): TestRow => Object.fromEntries(columns.map((name) => [name, row[name]]))) }
}

function byTable(all: readonly NamedRows[]): TestRows {
  return Object.fromEntries(all.map(({ table, rows }) => [table, rows]))
}
