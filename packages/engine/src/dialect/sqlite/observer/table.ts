import type { UnmanagedKind } from '../../../schema/unmanaged'
import type { ObservedObject } from '../../roles/observer'
import { type Clause, clausesOf, constraintText, referencesText } from './clauses'
import { closing, splitAtCommas, textOf, type Token, tokensOf, withoutParentheses } from './tokens'

/**
 * A table as its statement makes it: the table, each column and each constraint, in one spelling. A constraint is the same whether
 * its column has it or the table, and the order of columns and constraints does not matter: no revision can change the former.
 */
export function readTable(name: string, tokens: readonly Token[]): readonly ObservedObject[] {
  const open = tokens.findIndex(({ text }) => text === '(')
  if (open < 0 || tokens[1]?.text === 'virtual') {
    const text = textOf(tokens)
    return [{ kind: 'table', table: { name }, name, text, declared: text }]
  }
  const end = closing(tokens, open)
  const options = splitAtCommas(tokens.slice(end + 1))
    .map(textOf)
    .toSorted()
  const head = (words: readonly string[]): string => ['table', tableText(name), ...words].join(' ')
  const table: ObservedObject = {
    kind: 'table',
    table: { name },
    name,
    text: head(options),
    // Entities do not declare STRICT.
    declared: head(options.filter((option) => option !== 'strict')),
  }
  const items = splitAtCommas(tokens.slice(open + 1, end))
  const parts = items.flatMap((item) => (isConstraint(item) ? [tableConstraint(name, item)] : column(name, item)))
  // A constraint that is there twice does nothing more; TypeORM writes that of a column and a decorator so.
  return [table, ...new Map(parts.map((part) => [part.text, part])).values()]
}

function tableText(name: string): string {
  return textOf(tokensOf(`"${name.replaceAll('"', '""')}"`))
}

function isConstraint([first]: readonly Token[]): boolean {
  return first?.word === true && /^(?:constraint|primary|unique|check|foreign)$/.test(first.text)
}

function tableConstraint(table: string, item: readonly Token[]): ObservedObject {
  const [first, name, ...rest] = item
  return first?.text === 'constraint'
    ? constraint(table, name, constraintText(rest))
    : constraint(table, undefined, constraintText(item))
}

const kinds: Readonly<Partial<Record<string, UnmanagedKind>>> = {
  primary: 'primaryKey',
  unique: 'unique',
  check: 'check',
  foreign: 'foreignKey',
}

function constraint(table: string, name: Token | undefined, text: string): ObservedObject {
  const nameless = `constraint of ${tableText(table)}: ${text}`
  const whole = name === undefined ? nameless : `constraint ${name.text} of ${tableText(table)}: ${text}`
  const kind = kinds[text.split(' ', 1)[0] ?? '']
  return { kind, table: { name: table }, name: name?.raw ?? '', text: whole, declared: whole, nameless }
}

function column(table: string, [name, ...tokens]: readonly Token[]): readonly ObservedObject[] {
  if (name === undefined) return []
  const [type, clauses] = clausesOf(tokens)
  const own: string[] = []
  const constraints: ObservedObject[] = []
  for (const clause of clauses) {
    const key = keyText(name.text, clause)
    if (key === undefined) own.push(...propertyText(clause))
    else constraints.push(constraint(table, clause.name, key))
  }
  const text = [`column ${tableText(table)} . ${name.text}:`, textOf(type), ...own.toSorted()].join(' ').trim()
  return [{ kind: 'column', table: { name: table }, name: name.raw, text, declared: text }, ...constraints]
}

/** The constraint of the table that a clause of a column is; undefined for a property of the column. */
function keyText(column: string, { keyword, tokens }: Clause): string | undefined {
  if (keyword === 'primary') {
    // `KEY`, then an order, what a conflict does, and AUTOINCREMENT
    const rest = tokens.slice(1).filter(({ text }) => text !== 'asc')
    const inside = rest.filter(({ text }) => /^(?:desc|autoincrement)$/.test(text))
    const after = rest.filter((token) => !inside.includes(token))
    return ['primary key (', column, ...inside.map(({ text }) => text), ')', textOf(after)].join(' ').trim()
  }
  if (keyword === 'unique') return `unique ( ${column} ) ${textOf(tokens)}`.trim()
  if (keyword === 'check') return constraintText([{ text: 'check', raw: 'check', word: true }, ...tokens])
  if (keyword === 'references') return `foreign key ( ${column} ) ${referencesText(tokens)}`
  return undefined
}

function propertyText({ keyword, tokens }: Clause): readonly string[] {
  switch (keyword) {
    // Every column may be NULL, and BINARY is the default collation.
    case 'null':
      return []
    case 'collate':
      return textOf(tokens) === 'binary' ? [] : [`collate ${textOf(tokens)}`]
    case 'default': {
      const value = textOf(withoutParentheses(tokens))
      return value === 'null' ? [] : [`default ${value}`]
    }
    case 'generated':
    case 'as': {
      const open = tokens.findIndex(({ text }) => text === '(')
      const end = closing(tokens, open)
      const kind = textOf(tokens.slice(end + 1))
      return [`as ( ${textOf(withoutParentheses(tokens.slice(open, end + 1)))} ) ${kind === '' ? 'virtual' : kind}`]
    }
    default:
      return [`${keyword} ${textOf(tokens)}`.trim()]
  }
}
