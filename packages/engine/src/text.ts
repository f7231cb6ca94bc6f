/** `1 revision`, `2 revisions`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${String(count)} ${count === 1 ? one : many}`
}

/** The first line of a trimmed text. */
export function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0] ?? ''
}

/** Up to three names, and the number of the others. */
export function upToThree(names: readonly string[]): string {
  return names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${String(names.length - 3)} more`
}

/**
 * The text of a label in a Mermaid diagram, to be put into double quotes: the special characters of Mermaid, HTML, and the Markdown
 * in labels (in which `1. x`, a list, is an error) become character codes. A colon only if the text could be a statement for
 * Mermaid, which searches whole lines for `style …:`.
 */
export function mermaidLabel(text: string): string {
  const special = /style|classDef/.test(text) ? /["#&<>`\\;%{}[\]|@$^~*_:]/gu : /["#&<>`\\;%{}[\]|@$^~*_]/gu
  return text
    .replace(special, characterCode)
    .replace(/^(\d+)([.)])/u, (_, digits: string, mark: string) => digits + characterCode(mark))
    .replace(/^[-+=]/u, characterCode)
}

function characterCode(character: string): string {
  return `#${String(character.codePointAt(0))};`
}
