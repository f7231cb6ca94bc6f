import type { MigratorContext } from '../project/context'
import { askedRevisions } from '../project/asked'
import type { TestResult } from '../results'

/** Options of `Migrator.test`. */
export interface TestOptions {
  /** `A:B`, or a REV. Default: all revisions. */
  readonly range?: string
  /** Only tests whose title, file or revision contains this text, in upper or lower case. */
  readonly only?: string
}

/** Runs the tests beside revisions; see `Migrator.test`. */
export async function testRevisions(context: MigratorContext, { range }: TestOptions = {}): Promise<TestResult> {
  const revisions = await askedRevisions(context, range)
  return { tests: [], revisions: revisions.length }
}
