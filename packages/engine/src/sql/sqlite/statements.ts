import { type Token, tokenize, wordOf } from './tokens'

/**
 * The statements of a text as tokens, without the semicolons after them and without empty ones. The statements between
 * BEGIN and END of a trigger belong to it: https://sqlite.org/lang_createtrigger.html. Never throws.
 */
export function statementsIn(sql: string): readonly (readonly Token[])[] {
  const statements: Token[][] = []
  let current: Token[] = []
  let isTrigger = false
  const finish = (): void => {
    if (current.length > 0) statements.push(current)
    current = []
    isTrigger = false
  }
  for (const token of tokenize(sql, 'last')) {
    if (token.kind === 'symbol' && token.text === ';') {
      // The END of a trigger follows a semicolon; that of a CASE cannot.
      if (!isTrigger || (wordOf(current.at(-1)) === 'END' && current.at(-2)?.text === ';')) {
        finish()
        continue
      }
    }
    current.push(token)
    if (current.length <= 7 && wordOf(token) === 'TRIGGER') isTrigger = startsTrigger(current)
  }
  finish()
  return statements
}

const triggers = /^(?:EXPLAIN (?:QUERY PLAN )?)?CREATE (?:TEMP |TEMPORARY )?TRIGGER$/

function startsTrigger(tokens: readonly Token[]): boolean {
  return triggers.test(tokens.map((token) => wordOf(token) ?? '?').join(' '))
}
