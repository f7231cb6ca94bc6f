import { redactJson } from '@aludel/engine'

/** Characters that mean something in HTML, or end a line of JavaScript. */
const special = /[<>&\u2028\u2029]/g

/**
 * JSON without passwords, and without any character that HTML gives a meaning: a name or a message that is a script stays text, also
 * where a program shows an answer as a page.
 */
export function toJson(value: unknown): string {
  const text = JSON.stringify(value, redactJson)
  return text.replace(special, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
