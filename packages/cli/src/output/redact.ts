/**
 * Removes passwords from output, as the last line of defense. Our own messages contain none, but a driver, a user's
 * revision or an entity file may quote a URL.
 *
 * @example
 * redact('no route to postgres://app:s3cret@db/app') // 'no route to postgres://app:***@db/app'
 */
export function redact(text: string): string {
  return (
    text
      // The password itself may contain "@", ":" or "/": it ends at the last "@" of the word.
      .replace(/([a-z][a-z0-9+.-]*:\/\/[^\s:/?#@"'`<>]*):[^\s"'`<>]*@/gi, '$1:***@')
      .replace(/([?&](?:password|sslpassword)=)[^&\s"'`<>]*/gi, '$1***')
      .replace(/\b(PGPASSWORD=)\S+/g, '$1***')
      .replace(/(["']?\bpassword["']?\s*:\s*)(["'])(?:\\.|(?!\2).)*\2/gi, '$1$2***$2')
  )
}

/** Redacts every string of a document; a replacer for `JSON.stringify`. */
export function redactJson(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? redact(value) : value
}
