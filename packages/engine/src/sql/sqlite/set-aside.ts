import { isIdentifier, nameOf, sameIdentifier, tokenize, wordOf } from './tokens'

/**
 * True for the rename with which TypeORM sets a table aside: `t` to `temporary_t`. A run makes references keep the name `t`: see
 * `dialect/sqlite/set-aside.ts`.
 */
export function setsAside(sql: string): boolean {
  if (!/\btemporary_/i.test(sql) || !/^\s*(?:--|\/\*|alter\s)/i.test(sql)) return false
  const tokens = tokenize(sql).filter(({ text }) => text !== ';')
  const [alter, table, name, rename, to, newName] = tokens
  return (
    tokens.length === 6 &&
    [alter, table, rename, to].map(wordOf).join(' ') === 'ALTER TABLE RENAME TO' &&
    isIdentifier(name) &&
    isIdentifier(newName) &&
    sameIdentifier(nameOf(newName), `temporary_${nameOf(name)}`)
  )
}
