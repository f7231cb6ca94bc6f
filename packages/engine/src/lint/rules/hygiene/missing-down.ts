import type { Found } from '../../finding'
import { defineRule, type LintStep, type Subject, type Undone } from '../../rule'
import { isMissing } from './unread'

/** A downgrade that throws declares that there is no way back, which is an answer. */
export const missingDown = defineRule({
  id: 'T7',
  name: 'missing-down',
  category: 'hygiene',
  severity: 'warning',
  about:
    'An empty down() takes a revision out of the history and leaves its changes in the database. Write it, or throw an error in it.',
  postgres: { step: found },
  sqlite: { step: found },
})

function found(
  { direction, statements, unread = '' }: LintStep,
  _: unknown,
  undone?: Undone<Subject>,
): Found | undefined {
  if (direction !== 'downgrade' || undone === undefined) return undefined
  const isEmpty = statements === null ? isMissing(unread) : statements.length === 0
  const writes = undone.step.statements === null || undone.subjects.some(({ effects }) => effects.writes)
  if (!isEmpty || !writes) return undefined
  return {
    message: 'a downgrade takes this revision out of the history, and leaves what it did in the database',
    help: 'Write down(). If there is no way back, throw an error in it that says so.',
  }
}
