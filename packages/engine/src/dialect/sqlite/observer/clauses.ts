import { closing, textOf, type Token, withoutParentheses } from './tokens'

/** A constraint or a property of a column, with the tokens after its first keyword. */
export interface Clause {
  readonly keyword: string
  readonly tokens: readonly Token[]
  readonly name?: Token | undefined
}

const starts = new Set([
  ...['constraint', 'primary', 'not', 'null', 'unique', 'check', 'default', 'collate', 'references', 'generated', 'as'],
])

/**
 * The clauses of a column definition, and the tokens before the first of them: its type.
 * See https://www.sqlite.org/syntax/column-constraint.html
 */
export function clausesOf(tokens: readonly Token[]): readonly [before: readonly Token[], clauses: readonly Clause[]] {
  const marks: number[] = []
  for (let at = 0; at < tokens.length; at++) {
    if (tokens[at]?.text === '(') at = closing(tokens, at)
    else if (isStart(tokens, at, marks.at(-1))) marks.push(at)
  }
  const clauses: Clause[] = []
  let name: Token | undefined
  for (const [index, mark] of marks.entries()) {
    const [keyword, ...rest] = tokens.slice(mark, marks[index + 1])
    if (keyword === undefined) continue
    if (keyword.text === 'constraint') {
      name = rest[0]
      continue
    }
    clauses.push({ keyword: keyword.text, tokens: rest, name })
    name = undefined
  }
  return [tokens.slice(0, marks[0]), clauses]
}

function isStart(tokens: readonly Token[], at: number, last: number | undefined): boolean {
  const [token, before, next] = [tokens[at], tokens[at - 1], tokens[at + 1]]
  if (token?.word !== true || !starts.has(token.text)) return false
  if (last === at - 1 && ['constraint', 'default', 'collate', 'references', 'not'].includes(before?.text ?? ''))
    return false
  // `ON DELETE SET NULL`, `GENERATED ALWAYS AS`, `NOT DEFERRABLE`
  if (before?.word === true && (before.text === 'set' || (before.text === 'always' && token.text === 'as')))
    return false
  return !(token.text === 'not' && next?.text === 'deferrable')
}

const action = /\bon (?:delete|update) (?:set null|set default|cascade|restrict|no action)/g

/**
 * What a REFERENCES clause means, in one order and without what is the default.
 * See https://www.sqlite.org/syntax/foreign-key-clause.html
 */
export function referencesText(tokens: readonly Token[]): string {
  const open = tokens.findIndex(({ text }) => text === '(')
  const end = open === 1 ? closing(tokens, open) + 1 : 1
  const rest = textOf(tokens.slice(end))
  const actions = rest.match(action) ?? []
  // MATCH does nothing in SQLite.
  const others = rest
    .replace(action, '')
    .replace(
      /\b(?:match \S+|not deferrable(?: initially \S+)?|deferrable(?! initially deferred)(?: initially immediate)?)/g,
      '',
    )
  const kept = [...actions.filter((words) => !words.endsWith(' no action')).toSorted(), others.trim()]
  return ['references', textOf(tokens.slice(0, end)), ...kept.filter((words) => words !== '')].join(' ')
}

/** A constraint of a table in one spelling, without its name. */
export function constraintText(tokens: readonly Token[]): string {
  const [first] = tokens
  if (first?.text === 'check') {
    const end = closing(tokens, 1)
    return `check ( ${textOf(withoutParentheses(tokens.slice(1, end + 1)))} ) ${textOf(tokens.slice(end + 1))}`.trim()
  }
  const at = tokens.findIndex(({ text, word }) => word && text === 'references')
  if (first?.text === 'foreign' && at >= 0)
    return `${textOf(tokens.slice(0, at))} ${referencesText(tokens.slice(at + 1))}`
  return withoutOrder(textOf(tokens))
}

/** Ascending is the default order, and each column of a key or an index has one. */
export function withoutOrder(text: string): string {
  return text.replace(/ asc(?= [,)])/g, '')
}
