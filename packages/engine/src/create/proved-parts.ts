import type { Dialect } from '../dialect/dialect'
import type { DialectName } from '../dialect/registry'
import type { RevisionBody } from '../files/render'
import type { MigratorContext } from '../project/context'
import type { CreateResult } from '../results'
import type { Part } from './concurrent'
import { statementsOf } from './diff'
import { withEffects } from './effects'
import { proveOnShadow } from './prove-on-shadow'

/** A proved file that will be written. */
export interface ProvedPart extends Part {
  readonly bodies: Readonly<Partial<Record<DialectName, RevisionBody>>>
}

/** Proves all parts before the first one is written. */
export async function proveParts(
  context: MigratorContext,
  parts: readonly Part[],
  fromDatabase: boolean,
): Promise<readonly ProvedPart[]> {
  const proved: ProvedPart[] = []
  for (const part of parts) {
    const bodies: Partial<Record<DialectName, RevisionBody>> = {}
    for (const diff of part.diffs) {
      const { name } = diff.dialect
      const body = await withEffects(diff, statementsOf(diff))
      bodies[name] = body
      context.reporter.progress(`proving the revision on ${name}`)
      const before = proved.flatMap((one) => one.bodies[name]?.up ?? [])
      await proveOnShadow(context, { diff, body, before, transactional: part.transactional, fromDatabase })
    }
    proved.push({ ...part, bodies })
  }
  return proved
}

/** The statements of all files, by dialect: downward the last file comes first. */
export function sqlOf(dialects: readonly Dialect[], parts: readonly ProvedPart[]): CreateResult['sql'] {
  const of = (name: DialectName, direction: 'up' | 'down', files: readonly ProvedPart[]): readonly string[] =>
    files.flatMap(({ bodies }) => (bodies[name]?.[direction] ?? []).map((statement) => statement.sql))
  return Object.fromEntries(
    dialects.map(({ name }) => [name, { up: of(name, 'up', parts), down: of(name, 'down', parts.toReversed()) }]),
  )
}
