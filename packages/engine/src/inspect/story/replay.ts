import type { Dialect } from '../../dialect/dialect'
import { planChanges } from '../../difference/plan-changes'
import { textOfFile } from '../../files/statements'
import { writtenStatements } from '../../execution/written'
import type { MigratorContext } from '../../project/context'
import type { Revision } from '../../revision/revision'
import { displayName, type Schema } from '../../schema/schema'
import { replay } from '../../shadow/replay'
import { interrupted } from '../../shadow/statements'
import type { EffectsReader } from '../../sql/effects'
import { Relevance } from '../../sql/relevance'
import { plural } from '../../text'
import { changesOf, type TableChange } from './changes'
import { RenamesOfRevision, statementsAboutNames } from './renames'

/** A revision that changed the table, under whatever name it had then. Plain data, which is cached. */
export interface StoryStep {
  readonly revision: string
  readonly changes: readonly TableChange[]
}

/**
 * Replays revisions on a shadow database, and compares the schemas before and after each that may concern a table.
 *
 * Reading a schema takes longer than running a revision. So it is read only around statements that name the table, or whose
 * effects reach further than the tables that they name.
 *
 * @param revisions in run order
 * @param table its name after them, or one that it had before it was dropped
 */
export async function stepsOf(
  context: MigratorContext,
  dialect: Dialect,
  revisions: readonly Revision[],
  table: string,
): Promise<readonly StoryStep[]> {
  const names = new Set([table])
  follow(names, await renamesInFiles(context, dialect, revisions))
  for (;;) {
    const { steps, renames } = await replayOnce(context, dialect, revisions, names)
    // Code of a revision may have renamed a table in a way that its file does not show.
    if (!follow(names, renames)) return steps
  }
}

type Rename = RenamesOfRevision['tables'][number]

/** Adds the names that the tables had before. Returns whether there were some. */
function follow(names: Set<string>, renames: readonly Rename[]): boolean {
  const before = names.size
  for (let size = 0; size !== names.size;) {
    size = names.size
    for (const { from, to } of renames) if (names.has(to)) names.add(from)
  }
  return names.size > before
}

/** The renames of tables in the files, where they can be read without running them. */
async function renamesInFiles(
  context: MigratorContext,
  dialect: Dialect,
  revisions: readonly Revision[],
): Promise<readonly Rename[]> {
  const { type } = (await context.connection.dataSource()).options
  const found: Rename[] = []
  for (const revision of revisions) {
    if (!/rename|set\s+schema/i.test(textOfFile(revision) ?? '')) continue
    const written = await writtenStatements(revision, 'upgrade', dialect, type)
    if (!('unread' in written)) found.push(...(await renamesOf(dialect, written.statements)).tables)
  }
  return found
}

async function renamesOf(dialect: Dialect, statements: readonly string[]): Promise<RenamesOfRevision> {
  return new RenamesOfRevision(await readerOf(dialect), statementsAboutNames(statements))
}

/** Statements of a revision are read on their own: what others have created must not change the words. */
function readerOf(dialect: Dialect): Promise<EffectsReader> {
  return dialect.sql.readEffects()
}

interface Replayed {
  readonly steps: readonly StoryStep[]
  readonly renames: readonly Rename[]
}

async function replayOnce(
  context: MigratorContext,
  dialect: Dialect,
  revisions: readonly Revision[],
  names: ReadonlySet<string>,
): Promise<Replayed> {
  const ignoreTables = await context.connection.ignoreTables()
  const relevance = new Relevance(names)
  const steps: StoryStep[] = []
  const renames: Rename[] = []
  context.reporter.progress(`replaying ${plural(revisions.length, 'revision')} on ${dialect.name}`)
  const shadows = await context.shadows()
  await shadows.withRunner(dialect, async (runner) => {
    for (const revision of revisions) {
      const reader = await readerOf(dialect)
      const sent: string[] = []
      let before: Schema | undefined
      const load = async (wanted: Revision) =>
        interrupted(await context.revisions.loadToReplay(wanted), async ({ sql }, quiet) => {
          sent.push(sql)
          if (before !== undefined || !relevance.concerns(sql, reader)) return
          before = partOf(await dialect.introspection.read(quiet, { ignoreTables }), names)
        })
      await replay(dialect, runner, [revision], 'upgrade', load)
      const renamed = await renamesOf(dialect, sent)
      renames.push(...renamed.tables)
      if (before === undefined) continue
      const after = partOf(await dialect.introspection.read(runner, { ignoreTables }), renamed.later(names))
      const { operations } = planChanges(before, after, renamed.answers(before, after))
      const changes = changesOf(operations, before, after)
      if (changes.length > 0) steps.push({ revision: revision.id, changes })
    }
  })
  return { steps, renames }
}

/** The tables, and the types of their columns. */
function partOf(schema: Schema, names: ReadonlySet<string>): Schema {
  const tables = schema.tables.filter((table) => names.has(displayName(table)))
  const types = new Set(
    tables.flatMap(({ columns }) => columns.flatMap((column) => column.enum ?? [])).map(displayName),
  )
  return {
    tables,
    enums: schema.enums.filter((one) => types.has(displayName(one))),
    sequences: [],
    views: [],
    schemas: schema.schemas,
    extensions: [],
  }
}
