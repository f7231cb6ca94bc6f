import { AludelError } from '../errors'

import { placeOf } from './names'
import type { Replaced, Revision } from './revision'

/**
 * The revisions from the point of view of one database, if some of them are squashes (with `replaces`).
 *
 * - All replaced revisions or the squash itself are applied: the squash counts as applied, and the replaced revisions are
 *   hidden.
 * - None is applied: the replaced revisions are hidden, and the squash is pending.
 * - Some are applied: the others must run first. Until then the squash is hidden, and revisions that depend on it depend on
 *   the last replaced revision instead.
 *
 * Django's `squashmigrations` has the same three cases: https://docs.djangoproject.com/en/stable/topics/migrations/#squashing-migrations
 */
export interface View {
  /** The visible revisions, with parents for this database. */
  readonly revisions: readonly Revision[]
  /** Ids of squashes that count as applied. */
  readonly applied: ReadonlySet<string>
  /** Squashes of which only some replaced revisions are applied, and the files of others are missing. */
  readonly unfinished: readonly Unfinished[]
}

/** A squash that a database cannot finish. */
export interface Unfinished {
  readonly squash: Revision
  /** The replaced revisions that are applied. */
  readonly applied: readonly Replaced[]
  /** The replaced revisions without a file. */
  readonly missing: readonly Replaced[]
}

/** The revisions that a squash replaces, and those that these replace themselves, in run order. */
export function allReplaced(replaces: readonly Replaced[]): readonly Replaced[] {
  return replaces.flatMap((one) => [...allReplaced(one.replaces ?? []), one])
}

/** Every name under which the history of a database may contain a revision. */
export function historyNames({ name, replaces = [] }: Pick<Revision, 'name' | 'replaces'>): readonly string[] {
  return [name, ...allReplaced(replaces).map((one) => one.name)]
}

/** True if a revision is applied under its own name, or all that it replaces are. */
function isFulfilled(
  { name, replaces = [] }: Pick<Replaced, 'name' | 'replaces'>,
  names: ReadonlySet<string>,
): boolean {
  return names.has(name) || (replaces.length > 0 && replaces.every((one) => isFulfilled(one, names)))
}

/**
 * The revisions from the point of view of a database with these names in its history.
 *
 * @param revisions all revisions with files
 * @param names empty for a new database
 * @throws ALUDEL_DUPLICATE_REVISION two squashes replace the same revision
 * @example
 * viewOf([a, b, squashOfAAndB], new Set()).revisions // [squashOfAAndB]
 * viewOf([a, b, squashOfAAndB], new Set([a.name])).revisions // [a, b]
 */
export function viewOf(revisions: readonly Revision[], names: ReadonlySet<string>): View {
  const squashes = revisions.filter(({ replaces }) => replaces !== undefined)
  if (squashes.length === 0) return { revisions, applied: new Set(), unfinished: [] }
  refuseTwice(squashes)
  const files = new Set(revisions.map(({ id }) => id))
  const hidden = new Set<string>()
  const applied = new Set<string>()
  const unfinished: Unfinished[] = []
  /** Hidden squashes, and the last revision that each replaces. */
  const lastOf = new Map<string, string>()
  for (const squash of outermostFirst(squashes)) {
    if (hidden.has(squash.id)) continue
    const replaces = squash.replaces ?? []
    const members = allReplaced(replaces)
    const isThere = isFulfilled(squash, names)
    const begun = isThere ? [] : members.filter((one) => names.has(one.name))
    if (isThere) applied.add(squash.id)
    const missing = replaces.filter((one) => !files.has(one.id))
    if (begun.length === 0 || missing.length > 0) {
      if (begun.length > 0) unfinished.push({ squash, applied: begun, missing })
      for (const { id } of members) hidden.add(id)
    } else {
      hidden.add(squash.id)
      const last = replaces.at(-1)
      if (last !== undefined) lastOf.set(squash.id, last.id)
    }
  }
  const seen = revisions.filter(({ id }) => !hidden.has(id))
  return {
    revisions: lastOf.size === 0 ? seen : seen.map((one) => withReplacedParents(one, lastOf)),
    applied,
    unfinished,
  }
}

/** Sorts a squash before the squashes that it replaces. */
function outermostFirst(squashes: readonly Revision[]): readonly Revision[] {
  const inner = new Set(squashes.flatMap(({ replaces = [] }) => allReplaced(replaces).map(({ id }) => id)))
  const [outer, rest] = [squashes.filter(({ id }) => !inner.has(id)), squashes.filter(({ id }) => inner.has(id))]
  return rest.length === 0 || outer.length === 0 ? squashes : [...outer, ...outermostFirst(rest)]
}

/** The revision with each hidden squash among its parents and dependencies replaced by the last revision of it. */
function withReplacedParents(revision: Revision, lastOf: ReadonlyMap<string, string>): Revision {
  const place = (id: string): string => {
    const last = lastOf.get(id)
    return last === undefined ? id : place(last)
  }
  const { down, dependsOn } = revision
  if (![...down, ...dependsOn].some((id) => lastOf.has(id))) return revision
  return { ...revision, down: [...new Set(down.map(place))], dependsOn: [...new Set(dependsOn.map(place))] }
}

/** If two branches squash the same revisions, it is ambiguous which squash is applied. */
function refuseTwice(squashes: readonly Revision[]): void {
  const owners = new Map<string, Revision>()
  for (const squash of squashes) {
    for (const { id } of squash.replaces ?? []) {
      const owner = owners.get(id)
      owners.set(id, squash)
      if (owner === undefined) continue
      const places = [placeOf(owner, 'replaces'), placeOf(squash, 'replaces')]
      throw new AludelError(
        'ALUDEL_DUPLICATE_REVISION',
        `revision ${id} is replaced twice: by ${owner.id} (${places[0] ?? ''}) and by ${squash.id} (${places[1] ?? ''})`,
        {
          help: 'Keep one of the two, and remove the other: it has not been run anywhere, or its databases know it by its own name.',
          details: { revision: id, replacedBy: [owner.id, squash.id], places },
        },
      )
    }
  }
}
