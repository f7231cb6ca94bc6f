import type { EffectsReader } from './effects'

/** Statements that may change something which they do not name: with what depends on it, or by its types. */
const reachesFar =
  /\b(?:cascade|owned)\b|\b(?:alter|drop|create\s+or\s+replace)\s+(?:type|domain|schema|extension|sequence)\b|\bu&"/i

/**
 * Whether statements may concern one of some objects. Those that do not are not looked at further, so it fails safe: a statement
 * whose effects are unknown may concern any object. What a statement creates without naming it, such as the sequence of a `serial`
 * column, is not seen by its own name.
 *
 * @param objects names, `schema.name` outside the default schema
 */
export class Relevance {
  readonly #names: RegExp

  constructor(objects: Iterable<string>) {
    const names = new Set([...objects].map((name) => name.slice(name.lastIndexOf('.') + 1) || name))
    const parts = [...names].flatMap((name) => [name, name.replaceAll('"', '""')])
    // A letter before or after it makes it another name.
    this.#names = new RegExp(`(?<![\\p{L}\\p{N}_$])(?:${parts.map(escaped).join('|')})(?![\\p{L}\\p{N}_$])`, 'iu')
  }

  /** @param reader has read the statements before */
  concerns(sql: string, reader: EffectsReader): boolean {
    const { unknown } = reader.read(sql)
    return unknown !== null || this.names(sql) || reachesFar.test(sql)
  }

  /** Whether a statement names one of the objects. */
  names(sql: string): boolean {
    return this.#names.test(sql)
  }
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}
