import type { Node } from 'libpg-query' with { 'resolution-mode': 'import' }

import { unquote } from '../../../sql/lexer'
import { tokenize } from '../../../sql/postgres/tokens'
import { nodesIn } from '../../postgres/written'
import { defineRule } from '../../rule'

/** Bytes: https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS */
const limit = 63

export const longName = defineRule({
  id: 'C10',
  name: 'long-name',
  category: 'hygiene',
  severity: 'error',
  about:
    'PostgreSQL cuts names after 63 bytes. Two long names may become the same, and entities do not know the shorter one.',
  postgres: {
    statement({ node, sql, step }) {
      // A downgrade creates again what had the name before.
      if (step.direction === 'downgrade') return undefined
      // They name nothing, and may have a megabyte of values.
      if ('InsertStmt' in node || 'UpdateStmt' in node || 'SelectStmt' in node) return undefined
      const long = new Map<string, string>()
      for (const token of tokenize(sql)) {
        if (token.kind !== 'name' && token.kind !== 'word') continue
        const name = unquote(token)
        if (Buffer.byteLength(name) > limit) long.set(cut(token.kind === 'word' ? name.toLowerCase() : name), name)
      }
      if (long.size === 0) return undefined
      const given = new Set(namesGiven(node))
      return [...long]
        .filter(([short]) => given.has(short))
        .map(([short, name]) => ({
          message: `${name} has ${String(Buffer.byteLength(name))} bytes: PostgreSQL cuts it to ${short}`,
          help: `Choose a name of at most ${String(limit)} bytes, in the entity, too.`,
        }))
    },
  },
})

/** As the server does it: whole characters. */
function cut(name: string): string {
  let short = ''
  for (const character of name) {
    if (Buffer.byteLength(short + character) > limit) break
    short += character
  }
  return short
}

/** Properties of the parse tree with a name that the statement gives to something. */
const giving = new Set(['idxname', 'conname', 'colname', 'newname', 'trigname', 'policy_name'])
/** Statements that create what their `relname` names. */
const creating = ['CreateStmt', 'ViewStmt', 'CreateSeqStmt', 'CreateTableAsStmt', 'CreateForeignTableStmt'] as const
/** Statements with their name in a list. */
const listing = ['CreateEnumStmt', 'CreateDomainStmt', 'CreateFunctionStmt'] as const

function namesGiven(node: Node): readonly string[] {
  const keys = new Set([
    ...giving,
    ...(creating.some((kind) => kind in node) ? ['relname'] : []),
    ...(listing.some((kind) => kind in node) ? ['sval'] : []),
    ...('CreateSchemaStmt' in node ? ['schemaname'] : []),
  ])
  return nodesIn(node, (part) => part).flatMap((part) =>
    Object.entries(part).flatMap(([key, value]: [string, unknown]) =>
      typeof value === 'string' && keys.has(key) ? [value] : [],
    ),
  )
}
