import { isAnswered, withChoices } from '../../page/src/model/create'
import type { CreateQuestion } from '../../src/api/types'

const rename: CreateQuestion = {
  kind: 'rename',
  text: 'Is a.y a rename of a.x?',
  options: [
    { label: 'yes', answer: { list: 'rename', value: 'a.x=y' } },
    { label: 'no', answer: { list: 'noRename', value: 'a.x' }, destroys: true },
  ],
}
const backfill: CreateQuestion = {
  kind: 'backfill',
  text: 'What is b.z in rows that exist?',
  options: [{ label: 'a value', typed: { list: 'backfill', prefix: 'b.z=', placeholder: '0' } }],
}
const names: CreateQuestion = {
  kind: 'names',
  text: 'Which names?',
  options: [{ label: 'keep', answer: { list: 'names', value: 'keep' } }],
}
const questions = [rename, backfill, names]

test('answers go to the lists of the request, after those that were given before', () => {
  const choices = [
    { option: 0, typed: '' },
    { option: 0, typed: ' 7 ' },
    { option: 0, typed: '' },
  ]
  expect(withChoices({ rename: ['c=d'] }, questions, choices)).toEqual({
    rename: ['c=d', 'a.x=y'],
    backfill: ['b.z=7'],
    names: 'keep',
  })
})

test('the same answer twice is one answer', () => {
  expect(withChoices({ noRename: ['a.x'] }, [rename], [{ option: 1, typed: '' }])).toEqual({ noRename: ['a.x'] })
})

test('a question without a choice adds nothing', () => {
  expect(withChoices({}, questions, [undefined, undefined, undefined])).toEqual({})
})

test('all questions are answered if each has a choice, and what is typed is there', () => {
  expect(
    isAnswered(
      [rename, backfill],
      [
        { option: 0, typed: '' },
        { option: 0, typed: '1' },
      ],
    ),
  ).toBe(true)
  expect(
    isAnswered(
      [rename, backfill],
      [
        { option: 0, typed: '' },
        { option: 0, typed: '  ' },
      ],
    ),
  ).toBe(false)
  expect(isAnswered([rename], [undefined])).toBe(false)
  expect(isAnswered([rename], [{ option: 9, typed: '' }])).toBe(false)
})
