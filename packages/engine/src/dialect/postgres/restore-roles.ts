import type { Token } from '../../sql/lexer'
import { significant, unquote } from '../../sql/tokens'
import { tokenize } from '../../sql/postgres/tokens'

/**
 * The roles that a script of `pg_restore` needs: owners, those that are granted something, and those of policies. Sorted.
 *
 * @example rolesIn('ALTER TABLE public.t OWNER TO app; GRANT SELECT ON TABLE public.t TO "the web", PUBLIC;') // ['app', 'the web']
 */
export function rolesIn(script: string): readonly string[] {
  const roles = new Set<string>()
  // Commands of psql, which later versions write.
  const tokens = tokenize(script.replaceAll(/^\\(?:un)?restrict .*$/gm, ''))
  let statement: Token[] = []
  for (const place of significant(tokens)) {
    const token = tokens[place]
    if (token === undefined) continue
    if (token.text !== ';') statement.push(token)
    else {
      for (const role of rolesOf(statement)) roles.add(role)
      statement = []
    }
  }
  return [...roles].filter((role) => role !== 'public').sort()
}

function rolesOf(statement: readonly Token[]): readonly string[] {
  const words = statement.map((token) => (token.kind === 'word' ? token.text.toLowerCase() : ''))
  const after = (...sequence: readonly string[]): number => {
    for (let at = words.length - sequence.length; at >= 0; at -= 1)
      if (sequence.every((word, index) => words[at + index] === word)) return at + sequence.length
    return statement.length
  }
  const listAt = (at: number): readonly string[] => namesAt(statement, at)
  switch (words[0]) {
    case 'alter':
      if (words[1] === 'default')
        return [...listAt(after('for', 'role')), ...listAt(after('to')), ...listAt(after('from'))]
      return listAt(after('owner', 'to'))
    case 'grant':
      return listAt(after('to'))
    case 'revoke':
      return listAt(after('from'))
    case 'create':
      if (words[1] === 'policy') return policyRoles(statement, words)
      return words[1] === 'user' && words[2] === 'mapping' ? listAt(after('for')) : []
    case 'set':
      return words[1] === 'session' && words[2] === 'authorization' ? textAt(statement[3]) : []
    default:
      return []
  }
}

/** `CREATE POLICY name ON table [FOR …] TO role, … USING (…)`: its expressions may contain anything. */
function policyRoles(statement: readonly Token[], words: readonly string[]): readonly string[] {
  const end = words.findIndex((word) => word === 'using' || word === 'with')
  const to = words.slice(0, end === -1 ? undefined : end).lastIndexOf('to')
  return to === -1 ? [] : namesAt(statement, to + 1)
}

/** The names from a place on, with commas between them. */
function namesAt(statement: readonly Token[], at: number): readonly string[] {
  const names: string[] = []
  for (let place = at; place < statement.length; place += 2) {
    const token = statement[place]
    const name = token?.kind === 'name' ? unquote(token) : token?.kind === 'word' ? token.text.toLowerCase() : undefined
    if (name === undefined) break
    names.push(name)
    if (statement[place + 1]?.text !== ',') break
  }
  return names
}

function textAt(token: Token | undefined): readonly string[] {
  if (token?.kind === 'string')
    return token.text === 'DEFAULT' ? [] : [token.text.replaceAll(/^'|'$/g, '').replaceAll("''", "'")]
  return []
}
