import { nameOf, type Token, tokenize, wordOf } from '../../sql/sqlite/tokens'

/** A statement that creates, drops or renames a table of the main database, or begins or releases a savepoint. */
type TableStatement =
  | { readonly kind: 'create'; readonly table: string }
  | { readonly kind: 'drop'; readonly table: string }
  | { readonly kind: 'rename'; readonly table: string; readonly to: string }
  | { readonly kind: 'savepoint' | 'release'; readonly savepoint: string }

/** A cheap test first: most statements are something else, and some are megabytes of values. */
const possible = /^\s*(?:--|\/\*|create|drop|alter|savepoint|release)/i

/**
 * Reads the head of a statement; undefined for any other statement.
 *
 * @example
 * tableStatement('ALTER TABLE "aludel_new_a" RENAME TO "a"') // { kind: 'rename', table: 'aludel_new_a', to: 'a' }
 */
export function tableStatement(sql: string): TableStatement | undefined {
  if (!possible.test(sql)) return undefined
  const tokens = tokenize(sql.slice(0, 4000))
  switch (wordOf(tokens[0])) {
    case 'CREATE': {
      const name = wordOf(tokens[1]) === 'TABLE' ? objectName(tokens, 2, ['IF', 'NOT', 'EXISTS']) : undefined
      return name === undefined ? undefined : { kind: 'create', table: name.text }
    }
    case 'DROP': {
      const name = wordOf(tokens[1]) === 'TABLE' ? objectName(tokens, 2, ['IF', 'EXISTS']) : undefined
      return name === undefined ? undefined : { kind: 'drop', table: name.text }
    }
    case 'ALTER': {
      const name = wordOf(tokens[1]) === 'TABLE' ? objectName(tokens, 2, []) : undefined
      if (name === undefined || wordOf(tokens[name.next]) !== 'RENAME' || wordOf(tokens[name.next + 1]) !== 'TO')
        return undefined
      const to = objectName(tokens, name.next + 2, [])
      return to === undefined ? undefined : { kind: 'rename', table: name.text, to: to.text }
    }
    case 'SAVEPOINT':
      return savepoint('savepoint', tokens[1])
    case 'RELEASE':
      return savepoint('release', wordOf(tokens[1]) === 'SAVEPOINT' ? tokens[2] : tokens[1])
    default:
      return undefined
  }
}

function savepoint(kind: 'savepoint' | 'release', token: Token | undefined): TableStatement | undefined {
  return token === undefined ? undefined : { kind, savepoint: nameOf(token) }
}

/** The name at `at`, after optional words and a schema; undefined for a table of another database. */
function objectName(
  tokens: readonly Token[],
  at: number,
  optional: readonly string[],
): { readonly text: string; readonly next: number } | undefined {
  const skipped = optional.length > 0 && optional.every((word, step) => wordOf(tokens[at + step]) === word)
  const first = skipped ? at + optional.length : at
  const [one, dot, two] = tokens.slice(first, first + 3)
  if (one === undefined || !['word', 'name', 'string'].includes(one.kind)) return undefined
  if (dot?.text !== '.' || two === undefined) return { text: nameOf(one), next: first + 1 }
  return nameOf(one).toLowerCase() === 'main' ? { text: nameOf(two), next: first + 3 } : undefined
}
