import type { Node, RangeVar } from 'libpg-query' with { 'resolution-mode': 'import' }

import type { ColumnsOf, LockMode, Loss, LossKind, StatementEffects, TableLock } from '../effects'
import { addLock, lockModes } from '../effects'
import type { Memory, Relation } from './memory'
import { bodiesIn, writtenIn } from './nodes'

/** `session`: affects only the session; `writes`: changes rows, the schema or the server. */
export type Kind = 'reads' | 'session' | 'writes'

const kinds: readonly Kind[] = ['reads', 'session', 'writes']

/** Collects what the statements of one text do. */
export class Collector {
  #kind: Kind | undefined
  readonly #does: string[] = []
  readonly #destroys = new Map<string, Loss>()
  readonly #locks = new Map<string, TableLock>()
  readonly #rewrites = new Set<string>()
  readonly #absent = new Set<string>()
  readonly #unknown = new Set<string>()

  constructor(
    readonly memory: Memory,
    private readonly columnsOf: ColumnsOf,
  ) {}

  /** The table, view or index that a statement names. */
  relation(name: RangeVar | undefined): Relation {
    return this.memory.relation(writtenIn(name))
  }

  relationsIn(nodes: readonly Node[] | undefined): readonly Relation[] {
    return bodiesIn(nodes, 'RangeVar').map((name) => this.relation(name))
  }

  /** Raises the kind of the text to at least `kind`. */
  is(kind: Kind): void {
    if (this.#kind === undefined || kinds.indexOf(kind) > kinds.indexOf(this.#kind)) this.#kind = kind
  }

  /** Adds a description, as in {@link StatementEffects.does}. */
  does(text: string): void {
    if (!this.#does.includes(text)) this.#does.push(text)
  }

  /** The number of descriptions. */
  get descriptions(): number {
    return this.#does.length
  }

  /** @param table that contains it; ignored where its rows may be those of another table, as in a new view */
  loses(text: string, table?: Relation, what: Pick<Loss, 'kind' | 'column'> = {}): void {
    const isKnown = table?.clear === true && (!this.memory.of(table).isNew || this.memory.of(table).ownRows)
    this.#destroys.set(text, { text, table: isKnown ? table.text : undefined, ...what })
  }

  /** All or some rows of a table; nothing if all of them come from the plan. */
  losesRows(which: 'all' | 'some', table: Relation, kind: LossKind = 'rows'): void {
    if (this.memory.of(table).ownRows) return
    this.loses(`${which} rows of ${table.text}`, table, { kind })
  }

  /**
   * Values of a column; nothing if the plan has added it, or if it stores none (a generated column).
   *
   * @param words default is `values of users.name`
   */
  losesValues(
    table: Relation,
    column: string,
    kind: LossKind = 'column',
    words = `values of ${table.text}.${column}`,
  ): void {
    if (this.memory.hasAdded(table, column)) return
    const origin = this.memory.originOf(table, column)
    const owning = origin === undefined ? undefined : this.columnsOf(origin.table)
    if (origin !== undefined && owning?.includes(origin.column) === false) return
    this.loses(words, table, { kind, column })
  }

  /** Ignores levels below SHARE, and objects that the plan has created. */
  locks(level: LockMode, relation: Relation, isIndex = false): void {
    if (lockModes.indexOf(level) < lockModes.indexOf('SHARE') || this.memory.of(relation).isNew) return
    addLock(this.#locks, { level, table: relation.text, isIndex: isIndex ? true : undefined })
  }

  rewrites(table: Relation): void {
    if (!this.memory.of(table).isNew) this.#rewrites.add(table.text)
  }

  /** CREATE without IF NOT EXISTS, which fails if the table exists. Call it before the memory knows of the new one. */
  creates(table: Relation): void {
    if (table.clear && table.schema !== 'pg_temp' && !this.memory.isSettled(table)) this.#absent.add(table.text)
  }

  /** The statement may do anything, for this reason. */
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
      absent: [...this.#absent],
      transactional,
      unknown: this.#unknown.size === 0 ? null : [...this.#unknown].join('; '),
    }
  }
}
