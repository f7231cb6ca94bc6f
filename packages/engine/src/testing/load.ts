import { AludelError, isAludelError, messageOf } from '../errors'
import { dialectNames } from '../dialect/registry'
import type { ModuleLoader } from '../files/load'
import { runProjectCode } from '../files/project-code'
import type { TestFile } from '../files/test-files'
import { firstLine } from '../text'
import { casesOf, type RevisionTestCase } from './cases'

/** A test that was read from a file. */
export interface LoadedTest {
  readonly file: TestFile
  readonly title: string
  readonly test: RevisionTestCase
}

/**
 * Executes a test file, and returns its tests in their order.
 *
 * @throws AludelError `ALUDEL_TEST_LOAD` the file throws or does not parse; the error is the `cause`
 * @throws AludelError `ALUDEL_TEST_INVALID` its default export is not what `testRevision` returns
 */
export async function loadTests(file: TestFile, load: ModuleLoader): Promise<readonly LoadedTest[]> {
  let exported: Record<string, unknown>
  try {
    exported = await runProjectCode(file.path, () => load(file.path))
  } catch (cause) {
    throw explained(file, cause)
  }
  const cases = casesIn(exported)
  if (cases === undefined)
    throw invalid(file, 'the file exports no tests', {
      help: "Write `export default testRevision({ 'title': { before, after } })`, with testRevision of '@aludel/engine/testing'.",
    })
  return Object.entries(cases).map(([title, test]) => {
    const unknown = test.dialects?.find((name) => !dialectNames().includes(name))
    if (unknown !== undefined)
      throw invalid(file, `test ${JSON.stringify(title)} is for the unknown database ${JSON.stringify(unknown)}`, {
        help: `Databases are ${dialectNames().join(' and ')}.`,
        test: title,
      })
    return { file, title, test }
  })
}

/** Node puts the exports of a CommonJS file into `default`, which may have a `default` of its own. */
function casesIn(exported: Record<string, unknown>): ReturnType<typeof casesOf> {
  const { default: whole } = exported
  const inner: unknown = typeof whole === 'object' && whole !== null ? Reflect.get(whole, 'default') : undefined
  return casesOf(whole) ?? casesOf(inner)
}

function explained(file: TestFile, cause: unknown): AludelError {
  if (isAludelError(cause, 'ALUDEL_TEST_INVALID')) return invalid(file, cause.message, { help: cause.help, cause })
  if (isAludelError(cause)) return cause
  const words = firstLine(messageOf(cause))
  const place = words.includes(`(${file.path}`) ? '' : ` (${file.path})`
  return new AludelError(
    'ALUDEL_TEST_LOAD',
    `the tests of revision ${file.revision.id} do not load: ${words}${place}`,
    {
      details: { path: file.path },
      cause,
    },
  )
}

function invalid(
  file: TestFile,
  problem: string,
  { help, test, cause }: { readonly help?: string; readonly test?: string; readonly cause?: unknown },
): AludelError {
  return new AludelError('ALUDEL_TEST_INVALID', `${problem} (${file.path})`, {
    help,
    details: { path: file.path, ...(test !== undefined && { test }) },
    cause,
  })
}
