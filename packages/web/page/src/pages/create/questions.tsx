import { useSignal } from '@preact/signals'
import type { CreatePreview, CreateQuestion, CreateRequest } from '../../../../src/api/types'
import { count, sentence } from '../../model/format'
import { isAnswered, withChoices } from '../../model/create'
import type { Choice } from '../../model/create'
import { Button, Tag } from '../../ui/parts'

/** The questions as a form: nothing is guessed. */
export function Questions({
  preview,
  request,
  busy,
  onAnswer,
  onRestart,
}: {
  preview: Extract<CreatePreview, { state: 'questions' }>
  request: CreateRequest
  busy: boolean
  onAnswer: (request: CreateRequest) => void
  onRestart: () => void
}) {
  const { questions, answers } = preview
  const choices = useSignal<readonly (Choice | undefined)[]>(questions.map(() => undefined))
  const ready = isAnswered(questions, choices.value)
  const open = questions.length - choices.value.filter((choice) => choice !== undefined).length
  return (
    <form
      class="card"
      aria-label="Questions"
      onSubmit={(event) => {
        event.preventDefault()
        if (ready && !busy) onAnswer({ ...request, ...withChoices(request, questions, choices.value) })
      }}
    >
      <div class="card__head">
        <h2>{count(questions.length, 'question')}</h2>
        {answers.length > 0 && <span class="muted">{count(answers.length, 'answer')} so far</span>}
        <Button class="push" kind="quiet" size="small" icon="restore" onClick={onRestart}>
          Start over
        </Button>
      </div>
      {answers.length > 0 && (
        <ul class="answers">
          {answers.map((answer) => (
            <li key={answer.flag}>{sentence(answer.text)}</li>
          ))}
        </ul>
      )}
      {questions.map((question, index) => (
        <Question
          key={question.text}
          question={question}
          name={`question-${String(index)}`}
          choice={choices.value[index]}
          onChoose={(choice) => {
            choices.value = choices.value.map((it, at) => (at === index ? choice : it))
          }}
        />
      ))}
      <div class="card__foot row">
        <Button
          type="submit"
          kind="primary"
          busy={busy}
          blocked={ready ? undefined : open > 0 ? `${count(open, 'question')} without an answer` : 'A value is missing'}
        >
          Continue
        </Button>
      </div>
    </form>
  )
}

function Question({
  question,
  name,
  choice,
  onChoose,
}: {
  question: CreateQuestion
  name: string
  choice: Choice | undefined
  onChoose: (choice: Choice) => void
}) {
  return (
    <fieldset class="question">
      <legend class="question__text">{sentence(question.text)}</legend>
      {question.detail !== undefined && <p class="question__detail">{question.detail}</p>}
      {question.options.map((option, index) => {
        const chosen = choice?.option === index
        return (
          <div key={option.label} class="question__option">
            <label class="choice">
              <input
                type="radio"
                name={name}
                checked={chosen}
                onChange={() => {
                  onChoose({ option: index, typed: choice?.typed ?? '' })
                }}
              />
              <span>
                {sentence(option.label)}{' '}
                {option.destroys === true && (
                  <Tag tone="red" icon="loss">
                    loses data
                  </Tag>
                )}
              </span>
            </label>
            {option.typed !== undefined && (
              <input
                class="input input--mono question__input"
                aria-label={option.label}
                placeholder={option.typed.placeholder}
                autocomplete="off"
                spellcheck={false}
                value={chosen ? choice.typed : ''}
                onInput={(event) => {
                  onChoose({ option: index, typed: event.currentTarget.value })
                }}
              />
            )}
          </div>
        )
      })}
    </fieldset>
  )
}
