import type { RenameAnswer } from '../../difference/renames/apply'
import { displayName, type Schema } from '../../schema/schema'
import type { EffectsReader } from '../../sql/effects'
import { copiedColumns } from '../../sql/sqlite/copied-columns'

/** Statements that may rename something, or copy rows into a table that replaces another one. */
const mayRename = /\brename\b|\bset\s+schema\b|^\s*(?:insert|replace)\b[^]{0,2000}\bselect\b/i

/** Longer statements hold values. */
const longest = 50_000

/** The statements of a revision that tell what it renames; empty if it renames nothing. */
export function statementsAboutNames(statements: readonly string[]): readonly string[] {
  const short = statements.filter((sql) => sql.length < longest)
  // A rebuild ends with a rename, which the statements before it explain.
  return short.some((sql) => mayRename.test(sql)) ? short : []
}

/** Names after renames, with the names before the first of them. */
class Names {
  readonly #origins = new Map<string, string>()

  /** The name before all renames. */
  origin(name: string): string {
    return this.#origins.get(name) ?? name
  }

  /** @param renames that happen at once */
  rename(...renames: readonly { readonly from: string; readonly to: string }[]): void {
    const origins = renames.map(({ from }) => this.origin(from))
    for (const { from } of renames) this.#origins.delete(from)
    for (const [at, { to }] of renames.entries()) this.#origins.set(to, origins[at] ?? to)
  }

  /** The renames of something that is in `before` and was called otherwise, to something that is in `after`. */
  between(
    before: ReadonlySet<string>,
    after: ReadonlySet<string>,
  ): readonly { readonly from: string; readonly to: string }[] {
    const found = [...this.#origins].flatMap(([to, from]) =>
      to !== from && before.has(from) && after.has(to) ? [{ from, to }] : [],
    )
    // What still has its name was copied, not renamed.
    return found.filter(({ from }) => !after.has(from) || found.some(({ to }) => to === from))
  }
}

/**
 * What the statements of one revision rename, by the words of their effects: `rename table a to b`, `rename column a.b to c`,
 * `move table a to schema s`. A rebuild renames a column where it copies its values into another one.
 */
export class RenamesOfRevision {
  /** Each rename of a table. Names are `schema.name` outside the default schema. */
  readonly tables: { readonly from: string; readonly to: string }[] = []
  readonly #tables = new Names()
  /** Tables with the rows of another one, which had this name before the revision. */
  readonly #copies = new Map<string, string>()
  /** By the name of the table before the revision. */
  readonly #columns = new Map<string, Names>()

  constructor(reader: EffectsReader, statements: readonly string[]) {
    for (const sql of statements) {
      for (const words of reader.read(sql).does.split('; ')) this.#follow(words)
      const copy = copiedColumns(sql)
      if (copy === undefined) continue
      // The copy may get the name of its source, which is dropped before.
      this.#copies.set(copy.target, this.#tables.origin(copy.source))
      this.#columnsOf(copy.source).rename(...copy.columns.filter(({ from, to }) => from !== to))
    }
  }

  /** The names that these tables got, besides their own. */
  later(names: ReadonlySet<string>): ReadonlySet<string> {
    const found = new Set(names)
    for (const { from, to } of this.tables) if (found.has(from)) found.add(to)
    return found
  }

  /** The renames between the schemas before and after the revision, for their comparison. */
  answers(before: Schema, after: Schema): readonly RenameAnswer[] {
    const names = ({ tables }: Schema): ReadonlySet<string> => new Set(tables.map(displayName))
    const tables = this.#tables.between(names(before), names(after))
    const columns = before.tables.flatMap((old): RenameAnswer[] => {
      const name = displayName(old)
      const later = tables.find(({ from }) => from === name)?.to ?? name
      const now = after.tables.find((table) => displayName(table) === later)
      const renames = this.#columns
        .get(name)
        ?.between(new Set(old.columns.map((column) => column.name)), new Set(now?.columns.map((column) => column.name)))
      return (renames ?? []).map(({ from, to }) => ({ kind: 'column', table: old, from, to }))
    })
    return [
      ...tables.map(({ from, to }): RenameAnswer => ({
        ...{ kind: 'table', from, to },
        toTable: after.tables.find((table) => displayName(table) === to),
      })),
      ...columns,
    ]
  }

  #follow(words: string): void {
    const table = /^rename (?:partitioned )?table (.+) to (.+)$/.exec(words)
    if (table?.[1] !== undefined && table[2] !== undefined) this.#renameTable(table[1], table[2])
    const moved = /^move table (?:.+\.)?(.+) to schema (.+)$/.exec(words)
    if (moved?.[1] !== undefined && moved[2] !== undefined) {
      const from = words.slice('move table '.length, words.lastIndexOf(' to schema '))
      this.#renameTable(from, `${moved[2]}.${moved[1]}`)
    }
    const column = /^rename column (.+)\.([^.]+) to (.+)$/.exec(words)
    if (column?.[1] !== undefined && column[2] !== undefined && column[3] !== undefined)
      this.#columnsOf(column[1]).rename({ from: column[2], to: column[3] })
  }

  #renameTable(from: string, to: string): void {
    this.tables.push({ from, to })
    this.#tables.rename({ from: this.#copies.get(from) ?? from, to })
  }

  #columnsOf(table: string): Names {
    const name = this.#tables.origin(table)
    const known = this.#columns.get(name)
    if (known !== undefined) return known
    const names = new Names()
    this.#columns.set(name, names)
    return names
  }
}
