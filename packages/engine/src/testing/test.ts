import path from 'node:path'

import type { Dialect } from '../dialect/dialect'
import { AludelError } from '../errors'
import { findTestFiles, type TestFile, testFileOf } from '../files/test-files'
import { askedRevisions } from '../project/asked'
import type { MigratorContext } from '../project/context'
import type { RevisionTestResult, TestResult } from '../results'
import type { RevisionGraph } from '../revision/graph'
import { allReplaced } from '../revision/replaced'
import type { Revision } from '../revision/revision'
import { upToThree } from '../text'
import { tryHostileRows } from './hostile'
import { type LoadedTest, loadTests } from './load'
import { DialectTests } from './run'

/** Options of `Migrator.test`. */
export interface TestOptions {
  /** `A:B`, both ends inclusive, or a REV. Default: all revisions. */
  readonly range?: string
  /** Only tests whose title, file or revision contains this text, in upper or lower case. */
  readonly only?: string
  /**
   * Also runs revisions with rows that the schema before them allows and that they may not expect: NULLs, duplicates, orphans, values at
   * the edges of types. Those of `range`; without it the heads, because older ones have met the rows of production. `only`: nothing
   * else. Default is false.
   */
  readonly hostile?: boolean | 'only'
}

/** Runs the tests beside revisions; see `Migrator.test`. */
export async function testRevisions(
  context: MigratorContext,
  { range, only, hostile = false }: TestOptions = {},
): Promise<TestResult> {
  const { graph, revisions } = await context.revisions.read()
  const asked = await askedRevisions(context, range)
  const files = await findTestFiles(context.revisions.directories, revisions)
  warnOfReplaced(context, files, graph, revisions)
  const fileOf = new Map(files.map((file) => [file.revision.id, file]))
  const loaded: LoadedTest[] = []
  for (const { id } of asked) {
    const file = fileOf.get(id)
    if (file !== undefined) loaded.push(...(await loadTests(file, context.revisions.loadModule)))
  }
  const tests = hostile === 'only' ? [] : only === undefined ? loaded : chosen(loaded, only)
  const ids = tests.map(({ file }) => file.revision.id)
  const needed = graph.ancestors(ids, { dependencies: true })
  const order = graph.order.filter(({ id }) => needed.has(id))
  const dialects = await context.connection.dialects()
  const results: { readonly test: LoadedTest; readonly result: RevisionTestResult }[] = []
  const add = (test: LoadedTest, dialect: Dialect, rest: Rest): void => {
    results.push({ test, result: resultOf(context, test, dialect, rest) })
  }
  for (const dialect of dialects) {
    const due: LoadedTest[] = []
    for (const test of tests) {
      const reason = reasonToSkip(test, dialect, dialects)
      if (reason === undefined) due.push(test)
      else if (reason !== null) add(test, dialect, { outcome: 'skipped', durationMs: 0, reason })
    }
    if (due.length === 0) continue
    for (const { test, durationMs, failure } of await new DialectTests(context, dialect, order).run(due))
      add(test, dialect, {
        outcome: failure === undefined ? 'passed' : 'failed',
        durationMs,
        ...(failure && { failure }),
      })
  }
  // Stable: dialects keep their order.
  results.sort((a, b) => tests.indexOf(a.test) - tests.indexOf(b.test))
  const tried = range === undefined ? graph.heads : asked
  return {
    tests: results.map(({ result }) => result),
    revisions: asked.length,
    untested: asked.flatMap(({ id, path: file }) =>
      fileOf.has(id) ? [] : [{ revision: id, path: relativeTo(context, testFileOf(file)) }],
    ),
    ...(hostile !== false && { hostile: await tryHostileRows(context, tried, loaded) }),
  }
}

/** A new database runs what replaces a revision, so that its tests have no schema to begin from. */
function warnOfReplaced(
  { reporter }: MigratorContext,
  files: readonly TestFile[],
  graph: RevisionGraph,
  revisions: readonly Revision[],
): void {
  const visible = new Set(graph.all.map(({ id }) => id))
  for (const { revision } of files) {
    if (visible.has(revision.id)) continue
    const by = revisions.find(({ replaces = [] }) => allReplaced(replaces).some(({ id }) => id === revision.id))
    reporter.warn(
      `the tests of ${revision.id} (${revision.message}) do not run: ${by?.id ?? 'a squash'} replaces it; move those that still matter beside that`,
    )
  }
}

/** Undefined: the test is due. Null: it is for other databases, where it runs. */
function reasonToSkip(
  { test: { skip, dialects } }: LoadedTest,
  dialect: Dialect,
  all: readonly Dialect[],
): string | null | undefined {
  if (dialects !== undefined && !dialects.includes(dialect.name)) {
    const isFirst = dialect === all[0] && !all.some(({ name }) => dialects.includes(name))
    return isFirst ? `only for ${dialects.join(', ')}, which the project does not have` : null
  }
  return skip
}

type Rest = Pick<RevisionTestResult, 'outcome' | 'durationMs' | 'reason' | 'failure'>

function resultOf(
  context: MigratorContext,
  { file, title }: LoadedTest,
  { name }: Dialect,
  rest: Rest,
): RevisionTestResult {
  const { id, message } = file.revision
  return { revision: id, message, dialect: name, title, path: relativeTo(context, file.path), ...rest }
}

function relativeTo({ root }: MigratorContext, file: string): string {
  const relative = path.relative(root, file)
  return relative.startsWith('..') ? file : relative
}

function chosen(tests: readonly LoadedTest[], only: string): readonly LoadedTest[] {
  const wanted = only.toLowerCase()
  const found = tests.filter(({ title, file }) =>
    [title, path.basename(file.path), file.revision.id].some((text) => text.toLowerCase().includes(wanted)),
  )
  if (found.length > 0) return found
  const titles = tests.map(({ title }) => title)
  throw new AludelError('ALUDEL_UNKNOWN_TEST', `no test contains ${JSON.stringify(only)}`, {
    help:
      titles.length === 0
        ? 'There are no tests beside these revisions.'
        : `Tests: ${upToThree(titles.map((title) => JSON.stringify(title)))}. It is compared with titles, names of files and ids of revisions.`,
    details: { only, tests: titles },
  })
}
