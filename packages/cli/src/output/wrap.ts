import { displayWidth } from './table'

/** Must not be broken: a command in backticks or in bold, which may be copied. */
// eslint-disable-next-line no-control-regex -- the color codes of a terminal start with a control character
const unbreakable = /`[^`]*`|\u001b\[1m[^\u001b]*\u001b\[22m/g
const joint = '\u0000'

/**
 * Breaks a text at spaces into lines that fit a width; a longer word gets a line of its own.
 *
 * @param rest width of all lines after the first. Default: the same.
 */
export function wrap(text: string, width: number, rest = width): string[] {
  const lines: string[] = []
  let line: string | undefined
  for (const word of text.replace(unbreakable, (part) => part.replaceAll(' ', joint)).split(' ')) {
    const room = lines.length === 0 ? width : rest
    if (line !== undefined && displayWidth(line) + 1 + displayWidth(word) > room) {
      lines.push(line)
      line = word
    } else line = line === undefined ? word : `${line} ${word}`
  }
  return [...lines, line ?? ''].map((one) => one.replaceAll(joint, ' '))
}

/**
 * Wraps one line of output. Further lines are indented as far as the text of the first: below the second column of
 * `name  text`, or the indentation and two more.
 *
 * @param width of the terminal; null: the line stays, because programs read lines
 */
export function wrapLine(line: string, width: number | null): string[] {
  // A command on a line of its own stays one line, so that it can be copied.
  if (width === null || displayWidth(line) <= width || /^\s*(?:aludel|npx|[A-Z]{4,}) /.test(line)) return [line]
  const [, indent = '', label = ''] = /^(\s*)(\S+(?: \S+)? {2,})?/.exec(line) ?? []
  const head = displayWidth(indent + label)
  const hanging = head > width / 2 ? 2 : label === '' ? head + 2 : head
  const [first = '', ...others] = wrap(line.slice(indent.length + label.length), width - head, width - hanging)
  return [indent + label + first, ...others.map((one) => ' '.repeat(hanging) + one)]
}
