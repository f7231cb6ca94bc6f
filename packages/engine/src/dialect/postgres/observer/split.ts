/** An entry of a plain dump, which its comment introduces. */
export interface DumpEntry {
  /** `TABLE`, `FK CONSTRAINT`, `COMMENT` … */
  readonly type: string
  readonly text: string
  /** Of the table or the index, if it is not the default one: the dump sets it for the session. */
  readonly tablespace?: string | undefined
}

const header =
  /^--\n-- Name: .*; Type: (?<type>[A-Z -]+); Schema: .*; Owner: ?[^;\n]*(?:; Tablespace: (?<tablespace>.*))?\n--$/gm

/**
 * Lines of a session, not of an object. `\restrict` has a random word since the minor releases of August 2025:
 * https://www.postgresql.org/docs/current/app-pgdump.html
 */
const sessionLine =
  /^(?:\\(?:un)?restrict .*|SET (?:default_tablespace|default_table_access_method) = .*;|-- PostgreSQL database dump complete)$/gm

/** The entries of what `pg_dump --schema-only` has printed. What comes before the first one are settings of the session. */
export function dumpEntries(dump: string): readonly DumpEntry[] {
  const heads = [...dump.matchAll(header)]
  return heads.map((head, index) => {
    const { type = '', tablespace } = head.groups ?? {}
    const rest = dump.slice(head.index + head[0].length, heads[index + 1]?.index).replace(sessionLine, '')
    // The frame of the last comment remains.
    return { type, text: rest.replace(/(?:\s*^--$)+\s*$/m, '').trim(), tablespace }
  })
}

/** What ends a quoted text that begins here; undefined where none does. */
function quoteAt(text: string, at: number): string | undefined {
  const character = text.charAt(at)
  if (character === "'" || character === '"') return character
  // A dollar sign inside a name begins nothing.
  if (character !== '$' || /[\w$]/.test(text.charAt(at - 1))) return undefined
  return /^\$(?:[A-Za-z_]\w*)?\$/.exec(text.slice(at, at + 70))?.[0]
}

/** Calls `on` for every character outside quotes, with the depth of parentheses; returns the text with each run of spaces as one. */
function scan(text: string, on: (character: string, depth: number, length: number) => void): string {
  let result = ''
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const quote = quoteAt(text, at)
    if (quote !== undefined) {
      const end = text.indexOf(quote, at + quote.length)
      const next = end < 0 ? text.length : end + quote.length
      result += text.slice(at, next)
      at = next - 1
      continue
    }
    const character = text.charAt(at)
    if (character === ')') depth -= 1
    if (/\s/.test(character)) {
      if (!result.endsWith(' ')) result += ' '
    } else result += character
    on(character, depth, result.length)
    if (character === '(') depth += 1
  }
  return result
}

/**
 * The parts of a text between separators outside quotes and parentheses, with each run of spaces outside quotes as one.
 *
 * @example splitAt('a,  (b, c)', ',') // ['a', '(b, c)']
 */
export function splitAt(text: string, separator: string): readonly string[] {
  const ends: number[] = []
  const flat = scan(text, (character, depth, length) => {
    if (character === separator && depth === 0) ends.push(length)
  })
  const starts = [0, ...ends]
  return starts
    .map((start, index) => flat.slice(start, (ends[index] ?? flat.length + 1) - 1).trim())
    .filter((part) => part !== '')
}

/**
 * A text before its first parentheses outside quotes, inside them, and after them; undefined if it has none.
 *
 * @example aroundParentheses('CREATE TABLE t (a integer) WITH (x)') // ['CREATE TABLE t', 'a integer', 'WITH (x)']
 */
export function aroundParentheses(text: string): readonly [before: string, inside: string, after: string] | undefined {
  let open: number | undefined
  let close: number | undefined
  const flat = scan(text, (character, depth, length) => {
    if (depth !== 0) return
    if (character === '(') open ??= length
    if (character === ')') close ??= length
  })
  if (open === undefined || close === undefined) return undefined
  return [flat.slice(0, open - 1).trim(), flat.slice(open, close - 1).trim(), flat.slice(close).trim()]
}
