import path from 'node:path'

import { textOfFile } from '../../files/statements'
import type { MigratorContext } from '../../project/context'
import type { HostileKind, UnusedIgnore } from '../../results'
import type { Revision } from '../../revision/revision'
import { Ignores } from '../lint/ignores'
import type { Attacked } from './attack-revision'

const kinds: Readonly<Record<HostileKind, true>> = {
  row: true,
  null: true,
  duplicate: true,
  orphan: true,
  self: true,
  check: true,
  value: true,
  lost: true,
  changed: true,
}

/** A revision with its comments, and on how many dialects it was tried. */
interface Commented {
  readonly file: string
  readonly ignores: Ignores
  trials: number
  /** Dialects on which nothing was left out. */
  complete: number
}

/** The comments that ignore hostile rows, and what has come of them on all dialects. */
export class Comments {
  readonly #commented = new Map<string, Commented>()

  constructor(private readonly context: MigratorContext) {}

  /** Those of a revision that was tried on a dialect. Warns once of those without a reason. */
  async of(revision: Revision, { trials, isComplete }: Attacked): Promise<Ignores> {
    const { reporter } = this.context
    let found = this.#commented.get(revision.id)
    if (found === undefined) {
      const ignores = await Ignores.of(revision, textOfFile(revision) ?? '', 'aludel-test-ignore')
      found = { file: fileOf(this.context, revision), ignores, trials: 0, complete: 0 }
      this.#commented.set(revision.id, found)
      for (const { line, names } of ignores.withoutReason())
        reporter.warn(
          `${found.file}:${String(line)}: the comment that ignores ${names} gives no reason and has no effect`,
        )
    }
    found.trials += trials
    if (isComplete) found.complete += 1
    return found.ignores
  }

  /**
   * The comments that ignored nothing on any dialect. Where rows were left out, it is not known what those would have shown: then only
   * comments with a name that is no kind of rows.
   *
   * @param dialects the number of those of the project
   */
  unused(dialects: number): readonly UnusedIgnore[] {
    return [...this.#commented].flatMap(([revision, { file, ignores, trials, complete }]) =>
      ignores.unused().flatMap(({ line, names, scope }) => {
        const unknown = names.filter((name) => !Object.hasOwn(kinds, name))
        const idle = names.filter((name) => Object.hasOwn(kinds, name))
        const isKnown = trials > 0 && complete === dialects
        const place = { revision, path: file, line }
        return [
          ...(unknown.length === 0 ? [] : [{ ...place, kinds: unknown, ...aboutUnknown(unknown) }]),
          ...(idle.length === 0 || !isKnown ? [] : [{ ...place, kinds: idle, ...aboutIdle(idle, scope) }]),
        ]
      }),
    )
  }
}

/** The path of its file, relative to the project. */
export function fileOf({ root }: MigratorContext, revision: Revision): string {
  return path.relative(root, revision.path).split(path.sep).join('/')
}

function aboutUnknown(names: readonly string[]): Pick<UnusedIgnore, 'message' | 'help'> {
  return {
    message: `the comment ignores ${names.join(', ')}, which ${names.length === 1 ? 'is not a kind' : 'are not kinds'} of hostile rows`,
    help: `The kinds are ${Object.keys(kinds).join(', ')}.`,
  }
}

function aboutIdle(names: readonly string[], scope: 'file' | 'next'): Pick<UnusedIgnore, 'message' | 'help'> {
  return {
    message: `the comment ignores ${names.join(', ')}, which hostile rows do not show there`,
    help:
      scope === 'file'
        ? 'Remove it.'
        : 'Remove it, or put it directly above the statement. `aludel-test-ignore-file` counts for the whole file.',
  }
}
