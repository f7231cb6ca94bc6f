import type { TableEstimate } from '../../dialect/roles/introspection'
import type { Rule } from '../../lint/rule'
import { belowHead, editedRevision } from '../../lint/rules/about-files'
import type { MigratorContext } from '../../project/context'
import { examine } from '../findings'

/** What the database contributes to `lint`. */
export interface Live {
  readonly dialect: string
  readonly sizes: ReadonlyMap<string, TableEstimate>
  /** Major version of the server. */
  readonly server?: number
}

/** Reads the sizes of the tables from the catalog. Counts nothing that is large. */
export async function askDatabase(context: MigratorContext): Promise<Live> {
  return context.connection.withReader(async (runner, dialect) => {
    const { introspection } = dialect
    const { version } = await introspection.describe(runner)
    const sizes = await introspection.estimateSizes(runner, await introspection.tableNames(runner))
    const major = Number(/^\d+/.exec(version ?? '')?.[0])
    return {
      dialect: dialect.name,
      sizes: new Map(sizes.map((size) => [size.name, size])),
      ...(Number.isNaN(major) ? {} : { server: major }),
    }
  })
}

/** A finding in the history of the database. */
export interface OfHistory {
  readonly rule: Rule
  readonly revision: string
  readonly message: string
  readonly help: string
}

/**
 * What the history of the database shows of the files.
 *
 * @param judged ids of the revisions that are asked about
 * @param chosen the rules that are on
 */
export async function ofHistory(
  context: MigratorContext,
  judged: ReadonlySet<string>,
  chosen: readonly Rule[],
): Promise<readonly OfHistory[]> {
  const { findings } = await context.connection.withReader((runner) => examine(context, runner))
  return findings.flatMap(({ kind, revision, message, help }) => {
    const name = kind === 'edited' ? editedRevision.name : kind === 'gap' ? belowHead.name : undefined
    const rule = chosen.find((one) => one.name === name)
    return rule === undefined || revision === null || !judged.has(revision) ? [] : [{ rule, revision, message, help }]
  })
}
