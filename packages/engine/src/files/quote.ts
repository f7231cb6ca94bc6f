/** A text as a string literal in single quotes. */
export function quote(text: string): string {
  return `'${escapeCharacters(text).replace(/'/g, "\\'").replace(/\n/g, '\\n')}'`
}

/**
 * A text as the inside of a template literal that evaluates to exactly this text.
 *
 * @example
 * escapeTemplate('a`b${c}\\') // 'a\\`b\\${c}\\\\'
 */
export function escapeTemplate(text: string): string {
  return escapeCharacters(text)
    .replace(/`/g, '\\`')
    .replace(/\$(?=\{)/g, '\\$')
}

/**
 * Escapes backslashes and the characters that a file or literal would change: a carriage return becomes a line feed in a
 * template literal, half a surrogate pair is not UTF-8, and some editors drop control characters.
 */
function escapeCharacters(text: string): string {
  return text.replace(
    // eslint-disable-next-line no-control-regex -- searches for control characters
    /[\\\u0000-\u0008\u000B-\u001F\u007F-\u009F\u2028\u2029\uFEFF]|\p{Cs}/gu,
    (character) => (character === '\\' ? '\\\\' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`),
  )
}
