import type { EffectsReader } from '../../sql/effects'

/** Statements that may change a table which they do not name: with what depends on it, or by its types. */
const reachesFar =
  /\b(?:cascade|owned)\b|\b(?:alter|drop|create\s+or\s+replace)\s+(?:type|domain|schema|extension|sequence)\b|\bu&"/i

/**
 * Whether statements may concern one of some tables. Those that do not are not looked at further, so it fails safe: a statement
 * whose effects are unknown may concern any table.
 *
 * @param tables names, `schema.name` outside the default schema
 */
export class Relevance {
  readonly #names: RegExp

  constructor(tables: Iterable<string>) {
    const names = new Set([...tables].map((table) => table.slice(table.lastIndexOf('.') + 1) || table))
    const parts = [...names].flatMap((name) => [name, name.replaceAll('"', '""')])
    // A letter before or after it makes it another name.
    this.#names = new RegExp(`(?<![\\p{L}\\p{N}_$])(?:${parts.map(escaped).join('|')})(?![\\p{L}\\p{N}_$])`, 'iu')
  }

  /** @param reader has read the statements before */
  concerns(sql: string, reader: EffectsReader): boolean {
    const { unknown } = reader.read(sql)
    return unknown !== null || this.#names.test(sql) || reachesFar.test(sql)
  }
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}
