import { type Comment, commentsIn, isDirectlyBefore, lineAt } from '../../files/comments'
import { type Ignore, type IgnoreWord, readIgnore } from '../../lint/ignores'
import type { Rule } from '../../lint/rule'
import { ignoreWithoutReason, unusedIgnore } from '../../lint/rules/about-files'
import type { Revision } from '../../revision/revision'

interface Written extends Ignore {
  readonly comment: Comment
  /** The names that have silenced a finding. */
  readonly used: Set<string>
}

/** The comments of one file that ignore rules, and what has come of them. */
export class Ignores {
  private constructor(
    private readonly text: string,
    private readonly written: readonly Written[],
  ) {}

  /** @param word with which comments begin. Default is `aludel-lint-ignore`. */
  static async of({ path }: Pick<Revision, 'path'>, text: string, word?: IgnoreWord): Promise<Ignores> {
    // Parsing takes longer than looking for the word.
    const comments = text.includes(word ?? 'aludel-lint-ignore') ? await commentsIn(path, text) : []
    const written = comments.flatMap((comment) => {
      const ignore = readIgnore(comment.text, word)
      return ignore === undefined ? [] : [{ ...ignore, comment, used: new Set<string>() }]
    })
    return new Ignores(text, written)
  }

  /**
   * Whether a comment with a reason ignores the rule there.
   *
   * @param start offset of the statement in the file; undefined for a finding about the revision as a whole
   */
  covers(rule: string, start: number | undefined): boolean {
    let isCovered = false
    for (const { rules, reason, scope, comment, used } of this.written) {
      if (!rules.includes(rule)) continue
      const isHere =
        scope === 'file' ||
        (start !== undefined && start >= comment.end && isDirectlyBefore(this.text, comment.end, start))
      if (!isHere) continue
      used.add(rule)
      if (reason !== '') isCovered = true
    }
    return isCovered
  }

  /** The comments that have no effect because they give no reason: the line of each, and what it would ignore. */
  withoutReason(): readonly { readonly line: number; readonly names: string }[] {
    return this.written.flatMap(({ rules, reason, comment }) =>
      reason === '' ? [{ line: lineAt(this.text, comment.start), names: rules.join(', ') }] : [],
    )
  }

  /** The comments with a reason that ignore something that was not found: the line of each, and the names. Ask after all findings. */
  unused(): readonly { readonly line: number; readonly names: readonly string[]; readonly scope: Ignore['scope'] }[] {
    return this.written.flatMap(({ rules, reason, scope, comment, used }) => {
      const names = rules.filter((name) => !used.has(name))
      return reason === '' || names.length === 0 ? [] : [{ line: lineAt(this.text, comment.start), names, scope }]
    })
  }

  /**
   * What is wrong with the comments themselves. Ask after all findings.
   *
   * @param chosen the rules that are on: a comment for another one is no mistake
   */
  problems(
    chosen: readonly Rule[],
  ): readonly { readonly rule: Rule; readonly line: number; readonly message: string; readonly help: string }[] {
    const on = (name: string): Rule | undefined => chosen.find((rule) => rule.name === name)
    const withoutReason = on(ignoreWithoutReason.name)
    const unused = on(unusedIgnore.name)
    return this.written.flatMap(({ rules, reason, scope, comment, used }) => {
      const line = lineAt(this.text, comment.start)
      const names = rules.join(', ')
      if (reason === '')
        return withoutReason === undefined
          ? []
          : [
              {
                rule: withoutReason,
                line,
                message: `the comment that ignores ${names} gives no reason`,
                help: `It has no effect. Write the reason after a colon: \`aludel-lint-ignore${scope === 'file' ? '-file' : ''} ${names}: why this is safe here\`.`,
              },
            ]
      const idle = rules.filter((name) => !used.has(name))
      if (unused === undefined || idle.length === 0) return []
      return [
        {
          rule: unused,
          line,
          message: `the comment ignores ${idle.join(', ')}, which finds nothing there`,
          help:
            scope === 'file'
              ? 'Remove it, or correct the name of the rule.'
              : 'Remove it, or put it directly above the statement. `aludel-lint-ignore-file` counts for the whole file.',
        },
      ]
    })
  }
}
