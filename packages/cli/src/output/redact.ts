/**
 * The last line of defense against a password in any output. Messages are written without one in the first place;
 * a driver, a user's own revision or an entity file may still quote a URL.
 *
 * @example
 * redact('no route to postgres://app:s3cret@db/app') // 'no route to postgres://app:***@db/app'
 */
export function redact(text: string): string {
  return (
    text
      // The password may itself hold "@", ":" or "/": it ends at the last "@" of the word.
      .replace(/([a-z][a-z0-9+.-]*:\/\/[^\s:/?#@"'`<>]*):[^\s"'`<>]*@/gi, '$1:***@')
      .replace(/([?&](?:password|sslpassword)=)[^&\s"'`<>]*/gi, '$1***')
      .replace(/\b(PGPASSWORD=)\S+/g, '$1***')
      .replace(/(["']?\bpassword["']?\s*:\s*)(["'])(?:\\.|(?!\2).)*\2/gi, '$1$2***$2')
  )
}

/** The same for a whole document: every string in it. */
export function redactJson(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? redact(value) : value
}
