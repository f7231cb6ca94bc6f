import { AludelError } from '../errors'

import { placeOf } from './names'
import type { Replaced, Revision } from './revision'

/**
 * How a database sees revisions of which some stand for others (squashes, with `replaces`).
 *
 * - It has all that a squash stands for, or the squash itself: the squash counts as applied, and the others are no part of
 *   the history any more.
 * - It has none of it: the same, and the squash is pending.
 * - It has some of it: the others finish first. Until then the squash is no part of the history, and what depends on it
 *   depends on the last of them.
 *
 * Django's `squashmigrations` has the same three cases: https://docs.djangoproject.com/en/stable/topics/migrations/#squashing-migrations
 */
export interface View {
  /** Without those that are no part of the history; parents as this database sees them. */
  readonly revisions: readonly Revision[]
  /** Ids of squashes that count as applied. */
  readonly applied: ReadonlySet<string>
  /** Squashes of which the database has a part, and the files of another part are gone. */
  readonly unfinished: readonly Unfinished[]
}

export interface Unfinished {
  readonly squash: Revision
  /** What is applied of it. */
  readonly applied: readonly Replaced[]
  /** What has no file any more. */
  readonly missing: readonly Replaced[]
}

/** What a squash stands for, and what that stood for in its turn; in run order. */
export function allReplaced(replaces: readonly Replaced[]): readonly Replaced[] {
  return replaces.flatMap((one) => [...allReplaced(one.replaces ?? []), one])
}

/** Every name under which the history of a database may know what a revision makes. */
export function historyNames({ name, replaces = [] }: Pick<Revision, 'name' | 'replaces'>): readonly string[] {
  return [name, ...allReplaced(replaces).map((one) => one.name)]
}

/** True when everything was run: under its own name, or under those of all that it stands for. */
export function isFulfilled(
  { name, replaces = [] }: Pick<Replaced, 'name' | 'replaces'>,
  names: ReadonlySet<string>,
): boolean {
  return names.has(name) || (replaces.length > 0 && replaces.every((one) => isFulfilled(one, names)))
}

/**
 * The revisions as a database sees them that has these names in its history.
 *
 * @param revisions all that there are files of
 * @param names empty: as a new database sees them
 * @throws ALUDEL_DUPLICATE_REVISION two squashes stand for one revision
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
  /** Squashes that are not there yet, and the revision that is the last of what they stand for. */
  const stands = new Map<string, string>()
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
      if (last !== undefined) stands.set(squash.id, last.id)
    }
  }
  const seen = revisions.filter(({ id }) => !hidden.has(id))
  return { revisions: stands.size === 0 ? seen : seen.map((one) => standingOn(one, stands)), applied, unfinished }
}

/** A squash of a squash comes before it. */
function outermostFirst(squashes: readonly Revision[]): readonly Revision[] {
  const inner = new Set(squashes.flatMap(({ replaces = [] }) => allReplaced(replaces).map(({ id }) => id)))
  const [outer, rest] = [squashes.filter(({ id }) => !inner.has(id)), squashes.filter(({ id }) => inner.has(id))]
  return rest.length === 0 || outer.length === 0 ? squashes : [...outer, ...outermostFirst(rest)]
}

/** The revision with the last of what a squash stands for in the place of the squash. */
function standingOn(revision: Revision, stands: ReadonlyMap<string, string>): Revision {
  const place = (id: string): string => {
    const last = stands.get(id)
    return last === undefined ? id : place(last)
  }
  const { down, dependsOn } = revision
  if (![...down, ...dependsOn].some((id) => stands.has(id))) return revision
  return { ...revision, down: [...new Set(down.map(place))], dependsOn: [...new Set(dependsOn.map(place))] }
}

/** Two people squash the same revisions, each on a branch of their own: a database could not tell which it has. */
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
