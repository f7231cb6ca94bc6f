import type { ColumnsOf, LockMode, Loss, StatementEffects, TableLock } from '../effects'
import { isStronger, lockModes } from '../effects'
import type { Memory, Relation } from './memory'

/** `reads`: looks only; `session`: concerns the session alone; `writes`: changes rows, the schema or the server. */
export type Kind = 'reads' | 'session' | 'writes'

const kinds: readonly Kind[] = ['reads', 'session', 'writes']

/** Gathers what the statements of one text do. */
export class Collector {
  #kind: Kind | undefined
  readonly #does: string[] = []
  readonly #destroys = new Map<string, Loss>()
  readonly #locks = new Map<string, TableLock>()
  readonly #rewrites = new Set<string>()
  readonly #unknown = new Set<string>()

  constructor(
    readonly memory: Memory,
    private readonly columnsOf: ColumnsOf,
  ) {}

  /** Says what a statement is at least. */
  is(kind: Kind): void {
    if (this.#kind === undefined || kinds.indexOf(kind) > kinds.indexOf(this.#kind)) this.#kind = kind
  }

  says(text: string): void {
    if (!this.#does.includes(text)) this.#does.push(text)
  }

  get hasSaid(): number {
    return this.#does.length
  }

  /** @param table that has it; of a new view, say, nobody knows whose rows they are */
  loses(text: string, table?: Relation): void {
    const isKnown = table?.clear === true && (!this.memory.isNew(table) || this.memory.ownsRows(table))
    this.#destroys.set(text, isKnown ? { text, table: table.text } : { text })
  }

  /** All or some rows of a table; nothing when all of them come from the plan. */
  losesRows(which: 'all' | 'some', table: Relation): void {
    if (this.memory.ownsRows(table)) return
    this.loses(`${which} rows of ${table.text}`, table)
  }

  /**
   * Values of a column; nothing when the plan has added it, or when it has none of its own (a generated one).
   *
   * @param words for example `values of users.name`; default: that
   */
  losesValues(table: Relation, column: string, words = `values of ${table.text}.${column}`): void {
    if (this.memory.hasAdded(table, column)) return
    const origin = this.memory.originOf(table, column)
    const owning = origin === undefined ? undefined : this.columnsOf(origin.table)
    if (origin !== undefined && owning?.includes(origin.column) === false) return
    this.loses(words, table)
  }

  /** Nothing below SHARE, and nothing on what the plan has created. */
  locks(level: LockMode, relation: Relation, isIndex = false): void {
    if (lockModes.indexOf(level) < lockModes.indexOf('SHARE') || this.memory.isNew(relation)) return
    const key = `${isIndex ? 'index ' : ''}${relation.text}`
    const held = this.#locks.get(key)
    if (held !== undefined && !isStronger(level, held.level)) return
    this.#locks.set(key, { level, table: relation.text, ...(isIndex && { isIndex }) })
  }

  rewrites(table: Relation): void {
    if (!this.memory.isNew(table)) this.#rewrites.add(table.text)
  }

  /** It may do anything, for this reason. */
  doesUnknown(reason: string): void {
    this.is('writes')
    this.#unknown.add(reason)
    this.loses(`whatever it does: ${reason}`)
    this.memory.forget()
  }

  result(transactional: boolean): StatementEffects {
    return {
      does: this.#does.join('; '),
      reads: this.#kind === 'reads',
      writes: this.#kind === 'writes',
      destroys: [...this.#destroys.values()],
      locks: [...this.#locks.values()],
      rewrites: [...this.#rewrites],
      transactional,
      unknown: this.#unknown.size === 0 ? null : [...this.#unknown].join('; '),
    }
  }
}
