import type { MigratorContext } from '../project/context'
import { diffOf, statementsOf } from '../create/diff'
import type { Dialect } from '../dialect/dialect'
import type { Statement } from '../dialect/roles/ddl'
import type { RevisionBody } from '../files/render'
import { transactionEffects } from '../sql/text'
import type { Schema } from '../schema/schema'
import { isDescribed } from './described'
import { describe, type Members, refusal } from './members'
import { type ReplayedMember, type MembersReplay, sameStatements, type Sent } from './replay-members'

/** The statements of a squash in one dialect. */
export interface Squashed {
  readonly body: RevisionBody
  /** The schemas before and after it. */
  readonly from: Schema
  readonly to: Schema
  /** The revisions whose statements are copied unchanged. */
  readonly kept: readonly ReplayedMember[]
}

interface SquashChoice {
  /** Copy every revision unchanged if there may be rows. */
  readonly verbatim: boolean
}

/**
 * The statements of a squash: the difference between the first and the last schema. A revision that does more than change
 * the schema (it writes rows, converts values in its own way, grants rights) is copied unchanged in its place; the
 * revisions before and after it become one difference each.
 *
 * If the range starts with an empty database, a revision that finds no rows and leaves none does nothing to rows, on any
 * database that will run the squash. Otherwise there may be rows, and only a revision with exactly the statements that the
 * tool would write for the same change counts as a mere change of the schema.
 *
 * @throws AludelError `ALUDEL_SQUASH` naming a revision that must be copied and cannot
 */
export function squashedBody(
  context: MigratorContext,
  dialect: Dialect,
  members: Members,
  way: MembersReplay,
  choice: SquashChoice,
): Squashed {
  const kept = way.steps.filter((step, index) => {
    const mayHaveRows = members.below.length > 0 || way.steps.slice(0, index).some(({ leavesRows }) => leavesRows)
    return mustBeKept(context, dialect, step, mayHaveRows, choice)
  })
  const up: Statement[] = []
  const downs: (readonly Statement[])[] = []
  const add = (from: Schema, to: Schema): void => {
    const body = changes(context, dialect, from, to)
    up.push(...body.up)
    downs.push(body.down)
  }
  let schema = way.from
  for (const step of kept) {
    add(schema, step.from)
    up.push(...keptStatements(step, step.up, 'upgrade'))
    downs.push(members.below.length > 0 ? keptStatements(step, step.down, 'downgrade') : [])
    schema = step.to
  }
  add(schema, way.to)
  // If the range created everything, its downgrade drops everything, rows included.
  const down = members.below.length > 0 ? downs.reverse().flat() : changes(context, dialect, way.from, way.to).down
  return { body: { up, down }, from: way.from, to: way.to, kept }
}

function changes(context: MigratorContext, dialect: Dialect, from: Schema, to: Schema): RevisionBody {
  return statementsOf(diffOf({ dialect, from, to, unmanaged: context.ignored }))
}

function mustBeKept(
  context: MigratorContext,
  dialect: Dialect,
  { from, to, up, leavesRows }: ReplayedMember,
  mayHaveRows: boolean,
  { verbatim }: SquashChoice,
): boolean {
  const statements = up.statements ?? []
  if (statements.length === 0 && up.reads === undefined) return false
  if (mayHaveRows && verbatim) return true
  if (sameStatements(statements, textsOf(changes(context, dialect, from, to).up))) return false
  return mayHaveRows || leavesRows || !statements.every(isDescribed) || statements.some(writesMetadata)
}

function textsOf(statements: readonly Statement[]): readonly string[] {
  return statements.map(({ sql }) => sql)
}

/** True for a statement on TypeORM's own table for views and generated columns, which its generator reads. */
function writesMetadata(sql: string): boolean {
  return /\btypeorm_metadata\b/.test(sql)
}

function keptStatements(step: ReplayedMember, sent: Sent, direction: 'upgrade' | 'downgrade'): readonly Statement[] {
  const { revision } = step
  const refuse = (why: string): Error =>
    refusal(
      `${describe(revision)} does more than change the schema, and cannot be kept as statements: ${why}`,
      `Squash the revisions before it and those after it separately. File: ${revision.path}`,
      [revision],
    )
  if (sent.reads !== undefined) throw refuse(`it reads rows of ${sent.reads} before it acts`)
  if (sent.varies === true) throw refuse('its values differ each time it runs')
  if (sent.statements === null) {
    throw refuse(direction === 'upgrade' ? 'its statements are not known' : 'it is irreversible')
  }
  if (revision.transaction === false) throw refuse('it must run outside a transaction')
  if (sent.statements.some((sql) => transactionEffects(sql).length > 0)) throw refuse('it ends its transaction itself')
  return sent.statements.map((sql, index) => ({
    sql,
    comment: index === 0 ? `from ${revision.id}: ${revision.message}` : undefined,
  }))
}
