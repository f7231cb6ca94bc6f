const keyword = String.raw`\b(?:host|hostaddr|port|user|dbname|sslmode|connect_timeout|application_name)`
const keywordValue = String.raw`(?:'(?:\\.|[^'\\])*'|[^\s,;]+)`
/** `password=` beside another keyword of libpq's connection strings. In SQL, a comma or a word is between them. */
const afterKeyword = new RegExp(`(${keyword}=[^\\s,;]+\\s+password=)${keywordValue}`, 'gi')
const beforeKeyword = new RegExp(`(\\bpassword=)${keywordValue}(?=\\s+${keyword}=)`, 'gi')

const suspicious = /\/\/|password/i

/**
 * Removes passwords from output, as the last line of defense. Our own messages contain none, but a driver, a user's
 * revision or an entity file may quote a URL.
 *
 * @example
 * redact('no route to postgres://app:s3cret@db/app') // 'no route to postgres://app:***@db/app'
 */
export function redact(text: string): string {
  // Most texts have neither of what all of these forms have.
  if (!suspicious.test(text)) return text
  return (
    text
      // The password itself may contain "@", ":" or "/": it ends at the last "@" of the word.
      // The colon after the scheme, or the scheme itself, may be missing.
      .replace(/((?:[a-z][a-z0-9+.-]*:?|(?<![\w:/]))\/\/[^\s:/?#@"'`<>]*):[^\s"'`<>]*@/gi, '$1:***@')
      .replace(/([?&](?:password|sslpassword)=)[^&\s"'`<>]*/gi, '$1***')
      .replace(afterKeyword, '$1***')
      .replace(beforeKeyword, '$1***')
      .replace(/\b(PGPASSWORD=)\S+/g, '$1***')
      .replace(/(["']?\bpassword["']?\s*:\s*)(["'])(?:\\.|(?!\2).)*\2/gi, '$1$2***$2')
  )
}

/** Redacts every string of a document; a replacer for `JSON.stringify`. */
export function redactJson(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? redact(value) : value
}
