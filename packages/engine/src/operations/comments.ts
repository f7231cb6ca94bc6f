import { displayName, keyOf } from '../schema/schema'
import type { Operation } from './operation'
import { describeOperation, phraseOf } from '.'

/**
 * One line for a statement that carries out several operations on a table. An object that is dropped and added again
 * counts as changed. Renames of columns are left out: they have their own statements.
 */
export function phrasesOf(operations: readonly Operation[]): string {
  return together(
    operations.flatMap((operation) => (operation.op === 'renameColumn' ? [] : (phraseOf(operation) ?? []))),
  )
}

function together(all: readonly string[]): string {
  const phrases = [...new Set(all)]
  const partner = (phrase: string): string | undefined => {
    const rest = /^drop (.*)$/s.exec(phrase)?.[1]
    return rest === undefined
      ? undefined
      : phrases.find((other) => other === `add ${rest}` || other === `create ${rest}`)
  }
  const replaced = new Set(phrases.flatMap((phrase) => partner(phrase) ?? []))
  return phrases
    .filter((phrase) => !replaced.has(phrase))
    .map((phrase) => (partner(phrase) === undefined ? phrase : phrase.replace(/^drop /, 'change ')))
    .join(', ')
}

/**
 * The comment above the statements of each operation. Consecutive operations on the same table share one comment, at the
 * first of them; the others have none. For a table that is created or dropped, the comment does not list its parts.
 *
 * @param standsAlone true for operations whose statements already have comments
 */
export function groupComments(
  operations: readonly Operation[],
  standsAlone: (operation: Operation) => boolean = () => false,
): readonly (string | undefined)[] {
  const groupOf = (operation: Operation | undefined): string | null =>
    operation === undefined || !('table' in operation) || operation.op === 'renameTable' || standsAlone(operation)
      ? null
      : keyOf(operation.table)
  const comments: (string | undefined)[] = operations.map(() => undefined)
  for (let start = 0; start < operations.length;) {
    const first = operations[start]
    if (first === undefined) break
    const key = groupOf(first)
    let end = start + 1
    while (key !== null && end < operations.length && groupOf(operations[end]) === key) end += 1
    comments[start] = commentOf(operations.slice(start, end))
    start = end
  }
  return comments
}

function commentOf(group: readonly Operation[]): string {
  const [first] = group
  if (first === undefined) return ''
  if (!('table' in first) || first.op === 'renameTable') return describeOperation(first)
  const table = displayName(first.table)
  if (group.some(({ op }) => op === 'createTable')) return `${table}: create table`
  if (group.some(({ op }) => op === 'dropTable')) return `${table}: drop table`
  return `${table}: ${together(group.map((operation) => phraseOf(operation) ?? describeOperation(operation)))}`
}
