import { readdir } from 'node:fs/promises'
import path from 'node:path'

import { AludelError } from '../errors'
import type { Revision } from '../revision/revision'
import { readText } from './text-file'

/** A file with tests, and the revision that it is beside. */
export interface TestFile {
  readonly path: string
  readonly revision: Revision
}

const testName = /\.test\.[cm]?[jt]s$/

/**
 * The test file of a revision file: `1763750000000-add-priority.test.ts`. It need not exist.
 *
 * @param file the path of the revision file
 */
export function testFileOf(file: string): string {
  const { dir, name, ext } = path.parse(file)
  return path.join(dir, `${name}.test${ext}`)
}

/** The test files that are beside a revision file, of any language. */
export async function testFilesBeside(file: string): Promise<readonly string[]> {
  const directory = path.dirname(file)
  const names = await readdir(directory)
  return names
    .filter((name) => testName.test(name) && path.join(directory, name.replace(testName, '')) === stemOf(file))
    .map((name) => path.join(directory, name))
}

/** The path of a test file whose revision file is renamed. */
export function renamedTest(test: string, from: string, to: string): string {
  return stemOf(to) + test.slice(stemOf(from).length)
}

/**
 * Finds the test files of revisions: those with the name of a revision file and `.test` before the extension, which may be another
 * one. Test files that have the name of another file belong to another program.
 *
 * @param directories absolute, and readable
 * @param revisions all of these directories
 * @returns by directory and name
 * @throws AludelError `ALUDEL_TEST_ORPHAN` for a test that is beside no revision; `ALUDEL_TEST_INVALID` if a revision has two files, or
 *   a file with tests has several revisions
 */
export async function findTestFiles(
  directories: readonly string[],
  revisions: readonly Revision[],
): Promise<readonly TestFile[]> {
  const found: TestFile[] = []
  for (const directory of new Set(directories)) {
    const names = (await readdir(directory)).sort()
    for (const name of names) {
      if (!testName.test(name) || name.startsWith('.')) continue
      const file = path.join(directory, name)
      const stem = path.join(directory, name.replace(testName, ''))
      const beside = revisions.filter((revision) => stemOf(revision.path) === stem)
      const [revision] = beside
      if (revision === undefined) {
        await refuseOrphan(file, revisions)
        continue
      }
      const other = found.find((one) => one.revision === revision)
      if (other !== undefined) throw invalid(file, `revision ${revision.id} has a second test file: ${other.path}`)
      if (beside.length > 1)
        throw invalid(file, `the tests are beside a file with ${String(beside.length)} revisions: ${revision.path}`)
      found.push({ path: file, revision })
    }
  }
  return found
}

/** A revision that was renamed or removed must not take its tests out of sight. */
async function refuseOrphan(file: string, revisions: readonly Revision[]): Promise<void> {
  const name = path.basename(file)
  const isMeant = /^\d{13}(?!\d)/.test(name) || /\btestRevision\b/.test(await readText(file))
  if (!isMeant) return
  const nearest = revisions.find(({ path: one }) => isNear(one, file))
  throw new AludelError('ALUDEL_TEST_ORPHAN', `no revision is beside the test ${file}`, {
    help:
      nearest === undefined
        ? 'A test has the name of the file of its revision, and `.test` before the extension. Rename it, or remove it with its revision.'
        : `Its revision may be ${path.basename(nearest.path)}: rename the test to ${path.basename(testFileOf(nearest.path))}.`,
    details: { path: file, ...(nearest !== undefined && { nearest: nearest.path }) },
  })
}

/** Files whose names have the same timestamp, or differ only in it. */
function isNear(revision: string, test: string): boolean {
  const [one, other] = [path.basename(stemOf(revision)), path.basename(test).replace(testName, '')]
  const timestamp = /^\d{13}(?!\d)/
  const [first, second] = [timestamp.exec(one)?.[0], timestamp.exec(other)?.[0]]
  if (first === undefined || second === undefined) return false
  return first === second || one.slice(first.length) === other.slice(second.length)
}

function stemOf(file: string): string {
  const { dir, name } = path.parse(file)
  return path.join(dir, name)
}

function invalid(file: string, problem: string): AludelError {
  return new AludelError('ALUDEL_TEST_INVALID', `${problem} (${file})`, {
    help: 'A test file is beside a file with one revision, and has its name.',
    details: { path: file },
  })
}
