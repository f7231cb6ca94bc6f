import { codeTokens } from '../../../sql/lexer'
import type { Found } from '../../finding'
import { defineRule, type LintStep, type Subject } from '../../rule'
import { isSynchronizing } from '../loss/synchronize'
import { entityUse, isMissing, throwsInstead } from './unread'

/** See `sql/effects.ts`: what is not known to be harmless counts as a loss. */
export const unknownStatement = defineRule({
  id: 'T4',
  name: 'unknown-statement',
  category: 'hygiene',
  severity: 'warning',
  about:
    'No rule can judge a statement that cannot be read, or code that is known only when it runs. Check it, and ignore this with the reason.',
  postgres: {
    statement: unknownText,
    step: (step, subjects) => [...unreadCode(step), ...unparsed(step, subjects)],
  },
  sqlite: { statement: unknownText, step: (step) => unreadCode(step) },
})

const help = 'Check what it does, and ignore this with the reason why it is safe.'

/** Once for a text with several statements. The blocks that the tool writes only count rows, or try to drop something. */
function unknownText({
  effects,
  earlier,
  index,
  step,
}: Subject & { readonly earlier: readonly Subject[] }): Found | undefined {
  if (effects.unknown === null || step.generated || earlier.at(-1)?.index === index) return undefined
  return { message: `no rule knows what this does: ${effects.unknown}`, help }
}

/** Texts without statements that are more than comments. */
function unparsed({ statements }: LintStep, subjects: readonly Subject[]): readonly Found[] {
  const parsed = new Set(subjects.map(({ index }) => index))
  return (statements ?? []).flatMap((text, index) =>
    parsed.has(index) || codeTokens(text, 'postgres').next().value === undefined
      ? []
      : [{ message: 'no rule knows what this does: it is not a statement of PostgreSQL', help: 'Correct it.', index }],
  )
}

function unreadCode(step: LintStep): readonly Found[] {
  const { unread } = step
  if (unread === undefined || isSynchronizing(step) || entityUse(unread) !== undefined) return []
  if (isMissing(unread) || throwsInstead(unread)) return []
  return [
    {
      message: `no rule knows what this revision does, because its statements are known only when it runs: ${unread}`,
      help: 'Send literal statements with `queryRunner.query`, or ignore this with the reason why it is safe.',
    },
  ]
}
