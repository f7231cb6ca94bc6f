const head = /^\s*insert\s+into\s+(?:"(?:[^"]|"")*"|[\w$.])+\s*(?:\((?:"(?:[^"]|"")*"|[\w$,\s])*\)\s*)?values\b/i

/** What is certain to be a constant, and what stands between constants. */
const token = /\s*(?:'[^']*'|[(),]|[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?(?![\w.])|(?:null|true|false|default)\b)/iy

/**
 * An INSERT of many constant rows, with one row in their place: it does the same, and megabytes need not be parsed.
 *
 * @returns undefined for anything else
 */
export function withoutLiteralRows(sql: string): string | undefined {
  const start = head.exec(sql)?.[0]
  if (start === undefined) return undefined
  token.lastIndex = start.length
  let end = start.length
  while (token.test(sql)) end = token.lastIndex
  return /^\s*;?\s*$/.test(sql.slice(end)) ? `${start} (NULL)` : undefined
}
