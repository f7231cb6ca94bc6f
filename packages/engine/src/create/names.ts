import type { DialectName } from '../dialect/registry'
import { keepDerivedNames, type NameDifference } from '../difference/derived-names'
import type { MigratorContext } from '../project/context'
import { rememberNames } from '../project/remember'
import type { NameJson } from '../results'
import { displayName } from '../schema/schema'
import { plural } from '../text'
import type { SidePair } from './diff'

/**
 * What happens to constraints and indexes that differ from the entities only in a name that no entity gives, because TypeORM
 * derived it: `keep` leaves them as they are, `rename` gives them the names of the entities.
 */
export type NamesAnswer = 'keep' | 'rename'

/** The one question about all names. */
export interface NamesQuestion {
  readonly names: readonly NameJson[]
  /** The question in words. */
  readonly message: string
}

/** Answers about names that TypeORM derived. */
export interface NamesOptions {
  /** Default: that of the configuration; else the answer of `askNames`; else `keep`. */
  readonly names?: NamesAnswer
  readonly askNames?: (question: NamesQuestion) => Promise<NamesAnswer>
}

/** Pairs without differences of names that TypeORM derived, and these differences. */
export interface NamedPairs {
  readonly pairs: readonly SidePair[]
  readonly names: readonly NameJson[]
}

/** The pairs with the names that the constraints and indexes already have, where the entities give none. */
export function keepNames(pairs: readonly SidePair[]): NamedPairs {
  const found: { readonly dialect: DialectName; readonly name: NameDifference }[] = []
  const kept = pairs.map((pair) => {
    if (pair.derived === undefined) return pair
    const { to, names } = keepDerivedNames(pair.from, pair.to, pair.derived, pair.unmanaged)
    found.push(...names.map((name) => ({ dialect: pair.dialect.name, name })))
    return { ...pair, to }
  })
  const merged = new Map<string, NameJson & { dialects: DialectName[] }>()
  for (const { dialect, name } of found) {
    const { kind, database, entity } = name
    // In a database without schemas, the same table has no schema.
    const key = JSON.stringify([name.table.name, kind, database, entity])
    const known = merged.get(key)
    if (known === undefined)
      merged.set(key, { table: displayName(name.table), kind, database, entity, dialects: [dialect] })
    else known.dialects.push(dialect)
  }
  return { pairs: kept, names: [...merged.values()] }
}

interface AnsweredNames extends NamedPairs {
  readonly answer: NamesAnswer
}

/**
 * The pairs after the question whether constraints and indexes get the names that TypeORM derives today. The answer `keep`
 * of a user is written to the configuration, so that there is no question about names again.
 */
export async function answerNames(
  context: MigratorContext,
  pairs: readonly SidePair[],
  options: NamesOptions & { readonly sql?: boolean },
): Promise<AnsweredNames> {
  const kept = keepNames(pairs)
  const given = options.names ?? context.options.names
  if (kept.names.length === 0 || given === 'keep') return { ...kept, answer: 'keep' }
  const answer = given ?? (await options.askNames?.(questionOf(kept.names)))
  if (answer === 'rename') return { pairs, names: kept.names, answer }
  if (answer === 'keep' && options.sql !== true) await remember(context)
  return { ...kept, answer: 'keep' }
}

function questionOf(names: readonly NameJson[]): NamesQuestion {
  const count = plural(names.length, 'constraint or index', 'constraints and indexes')
  return {
    names,
    message: `${count} ${names.length === 1 ? 'has another name' : 'have other names'} than TypeORM derives today, and no other difference`,
  }
}

async function remember(context: MigratorContext): Promise<void> {
  const { configPath = null } = context.options
  const written = await rememberNames(configPath, 'keep')
  if (written === null) {
    const where = configPath ?? 'a configuration file (aludel migrate init creates one)'
    context.reporter.warn(`to keep the answer, add names: 'keep' to ${where}`)
  }
}
