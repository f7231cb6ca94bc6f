import type { DialectName } from '../../dialect/registry'
import { parseMapFlag } from '../../difference/renames/flags'
import { parseValueFlag } from '../../difference/value-flags'
import { AludelError } from '../../errors'

/** Answers about values, in the words of `create`. */
export interface ConvertAnswers {
  /** `table.column.old=new`: rows with this value of an enum get that one. */
  readonly map?: readonly string[]
  /** `table.column=<SQL expression>`: the value in the new column, from the columns of the table. */
  readonly using?: readonly string[]
  /** `table.column=<SQL expression>`: the value of rows without one. */
  readonly backfill?: readonly string[]
  /**
   * The time zone of stored times that have none, where the revisions have a type with one: `Europe/Berlin`. Default is `UTC`.
   */
  readonly timeZone?: string
}

/** @throws AludelError `ALUDEL_USAGE` if there are answers, although nothing is converted */
export function refuseAnswers({ map = [], using = [], backfill = [], timeZone }: ConvertAnswers): void {
  const given = [
    ...map.map((flag) => `--map ${flag}`),
    ...using.map((flag) => `--using ${flag}`),
    ...backfill.map((flag) => `--backfill ${flag}`),
    ...(timeZone === undefined ? [] : [`--time-zone ${timeZone}`]),
  ]
  const [flag] = given
  if (flag === undefined) return
  throw new AludelError('ALUDEL_USAGE', `${flag} is only for a conversion`, {
    help: 'Convert the database with --convert.',
    details: { flag },
  })
}

/** The answers by column, and which of them were used. */
export class Answers {
  readonly #values = new Map<string, string>()
  readonly #flags = new Map<string, string>()
  readonly #used = new Set<string>()
  readonly timeZone: string

  /** @throws AludelError `ALUDEL_USAGE` for an answer of another form */
  constructor(given: ConvertAnswers, dialects: readonly DialectName[]) {
    this.timeZone = given.timeZone ?? 'UTC'
    if (given.timeZone !== undefined) this.#flags.set('time-zone', `--time-zone ${given.timeZone}`)
    for (const flag of given.map ?? []) {
      const { left, right } = parseMapFlag(flag)
      this.#add(`map ${left}`, right, `--map ${flag}`)
    }
    for (const kind of ['using', 'backfill'] as const) {
      for (const flag of given[kind] ?? []) {
        const { column, sql } = parseValueFlag(kind, flag, dialects)
        this.#add(`${kind} ${column}`, sql, `--${kind} ${flag}`)
      }
    }
  }

  #add(key: string, value: string, flag: string): void {
    this.#values.set(key, value)
    this.#flags.set(key, flag)
  }

  /** The value that rows with this value get. */
  mapped(column: string, value: string): string | undefined {
    return this.#take(`map ${column}.${value}`)
  }

  using(column: string): string | undefined {
    return this.#take(`using ${column}`)
  }

  backfill(column: string): string | undefined {
    return this.#take(`backfill ${column}`)
  }

  /** Notes that the time zone was used. */
  zoned(): void {
    this.#used.add('time-zone')
  }

  #take(key: string): string | undefined {
    const value = this.#values.get(key)
    if (value !== undefined) this.#used.add(key)
    return value
  }

  /** @throws AludelError `ALUDEL_USAGE` for an answer about nothing */
  expectAllUsed(): void {
    for (const [key, flag] of this.#flags) {
      if (this.#used.has(key)) continue
      throw new AludelError('ALUDEL_USAGE', `${flag} is about nothing that the conversion changes`, {
        help:
          key === 'time-zone'
            ? 'No column of times without a zone gets a type with one.'
            : 'Values: --map table.column.old=new. Expressions: --using or --backfill "table.column=<SQL expression>".',
        details: { flag },
      })
    }
  }
}
