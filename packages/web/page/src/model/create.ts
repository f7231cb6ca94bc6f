import type { CreateQuestion, CreateRequest } from '../../../src/api/types'

/** Lists of answers in a request. */
type Lists = Pick<
  CreateRequest,
  'rename' | 'noRename' | 'map' | 'backfill' | 'using' | 'keep' | 'drop' | 'names' | 'accept'
>

/** What was chosen for a question: one of its options, and what was typed for it. */
export interface Choice {
  readonly option: number
  readonly typed: string
}

const listNames = ['rename', 'noRename', 'map', 'backfill', 'using', 'keep', 'drop', 'accept'] as const

/** Whether every question has an answer that is complete. */
export function isAnswered(questions: readonly CreateQuestion[], choices: readonly (Choice | undefined)[]): boolean {
  return questions.every((question, index) => {
    const choice = choices[index]
    const option = choice === undefined ? undefined : question.options[choice.option]
    if (choice === undefined || option === undefined) return false
    return option.typed === undefined || choice.typed.trim() !== ''
  })
}

/** The answers of a request, with those that were chosen added. */
export function withChoices(
  answers: Lists,
  questions: readonly CreateQuestion[],
  choices: readonly (Choice | undefined)[],
): Lists {
  let next = answers
  questions.forEach((question, index) => {
    const choice = choices[index]
    const option = choice === undefined ? undefined : question.options[choice.option]
    if (choice === undefined || option === undefined) return
    const { typed, answer } = option
    if (typed !== undefined) next = withAnswer(next, typed.list, typed.prefix + choice.typed.trim())
    else if (answer !== undefined) next = withAnswer(next, answer.list, answer.value)
  })
  return next
}

function withAnswer(answers: Lists, list: string, value: string): Lists {
  if (list === 'names') return value === 'keep' || value === 'rename' ? { ...answers, names: value } : answers
  const name = listNames.find((it) => it === list)
  if (name === undefined) return answers
  return { ...answers, [name]: [...(answers[name] ?? []).filter((it) => it !== value), value] }
}
