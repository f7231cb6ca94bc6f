import { AludelError } from '../../errors'
import { parseMapFlag, parseNoRenameFlag, parseRenameFlag, type RenameFlag } from './flags'
import type { RenameAnswer } from './apply'
import type { RenameGroup } from './group'
import { columnGroups, type RenameSides, tableGroups, valueGroups } from './groups'
import { displayName, type ObjectName } from '../../schema/schema'

/** A removed table, column or enum value that may have been renamed to an added one. */
export interface RenameQuestion {
  readonly kind: 'table' | 'column' | 'value'
  /** The table of a column or value, under its new name. */
  readonly table?: ObjectName
  /** The column of a value. */
  readonly column?: string
  /** The remaining values of an enum, which the rows may get instead (`--map`). */
  readonly kept?: readonly string[]
  /** The removed name. */
  readonly from: string
  /** The added names, likeliest first; an answer is one of them, or "none". */
  readonly candidates: readonly string[]
  readonly dialects: readonly string[]
  /** The question in words. */
  readonly message: string
  /** The value of `--no-rename` that answers "none"; with `=` and a candidate, the value of `--rename`. */
  readonly noRenameFlag: string
  /** All flags that answer the question. */
  readonly flags: readonly string[]
}

export interface RenameQuestionsResult {
  /** The answers of the flags, for `applyRenames` in every dialect. */
  readonly answers: readonly RenameAnswer[]
  /** The open questions. An answer about a table may raise questions about its columns: call again with it as a flag. */
  readonly open: readonly RenameQuestion[]
}

/**
 * The questions that distinguish a rename from a drop and an add, for all dialects of a project together: there is one
 * question about the same table or column.
 *
 * @param flags values of `--rename` (`table.old=new`, `old_table=new_table`, `table.column.old=new` for a value of an enum),
 *   `--no-rename` (`table.old`, `old_table`, `table.column.old`) and `--map` (`table.column.old=kept`)
 * @throws AludelError `ALUDEL_USAGE` if a flag names something that was not removed or not added, or if two contradict
 * @example
 * renameQuestions([{ dialect: 'sqlite', from, to }], { rename: ['users.name=full_name'], noRename: [] })
 */
export function renameQuestions(
  sides: readonly RenameSides[],
  flags: {
    readonly rename: readonly string[]
    readonly noRename: readonly string[]
    readonly map?: readonly string[]
  },
): RenameQuestionsResult {
  const given = new Flags(
    flags.rename.map(parseRenameFlag),
    flags.noRename.map(parseNoRenameFlag),
    (flags.map ?? []).map(parseMapFlag),
  )
  const tables = tableGroups(sides, given)
  const tableAnswers = given.answer(tables)
  const openTables = tables.filter((group) => !given.isAnswered(group))
  const columns = columnGroups(sides, tableAnswers, given)
  const columnAnswers = given.answer(columns)
  const values = valueGroups(sides, [...tableAnswers, ...columnAnswers], given)
  const valueAnswers = [...given.answer(values), ...given.map(values)]
  const open = [...openTables, ...[...columns, ...values].filter((group) => !given.isAnswered(group))].flatMap(
    (group) => given.question(group),
  )
  // Flags for columns of a table with an open question are checked later, and so are flags for values of such a column.
  const later = open.flatMap(({ kind, table, candidates, from }) => {
    if (kind === 'table') return [...candidates, from]
    if (kind === 'value' || table === undefined) return []
    return [from, ...candidates].flatMap((column) => [`${displayName(table)}.${column}`, `${table.name}.${column}`])
  })
  given.expectAllUsed([...tables, ...columns, ...values], later)
  return { answers: [...tableAnswers, ...columnAnswers, ...valueAnswers], open }
}

/** The flags, and which of them have been used. */
class Flags {
  readonly #answered = new Set<RenameGroup>()
  readonly #used = new Set<RenameFlag | string>()
  /** The names that answers have given, by namespace: a name can be given only once. */
  readonly #taken = new Map<string, string>()

  constructor(
    readonly rename: readonly RenameFlag[],
    readonly noRename: readonly string[],
    readonly mapped: readonly RenameFlag[],
  ) {}

  /** The answers of `--map` about these groups of values. */
  map(groups: readonly RenameGroup[]): RenameAnswer[] {
    return this.mapped.flatMap((flag) => {
      const group = findGroup(groups, flag.left)
      if (group === undefined) return []
      const text = `--map ${flag.left}=${flag.right}`
      if (this.#answered.has(group)) {
        throw new AludelError('ALUDEL_USAGE', `${text} contradicts another flag for ${flag.left}`, {
          details: { flag: `${flag.left}=${flag.right}` },
        })
      }
      if (!group.kept().includes(flag.right) && !this.#taken.has(placeOf(group, flag.right))) {
        throw new AludelError('ALUDEL_USAGE', `${text}: ${flag.right} is not a remaining value`, {
          help: `Remaining values: ${group.kept().join(', ') || 'none'}.`,
          details: { flag: `${flag.left}=${flag.right}`, kept: group.kept() },
        })
      }
      this.#answered.add(group)
      this.#used.add(flag)
      return group.mapAnswers(flag.right)
    })
  }

  /** The answers of `--rename` and `--no-rename` about these groups. */
  answer(groups: readonly RenameGroup[]): RenameAnswer[] {
    const dropped = this.noRename.flatMap((flag) => {
      const called = groups.filter((candidate) => candidate.isCalled(flag))
      const named = called.length > 0 ? called : groups.filter((candidate) => candidate.isNamed(flag))
      for (const group of named) this.#answered.add(group)
      if (named.length > 0) this.#used.add(flag)
      return named.flatMap((group) => group.dropAnswers())
    })
    const renamed = this.rename.flatMap((flag) => {
      const group = findGroup(groups, flag.left)
      const answers = group?.answers(flag.right) ?? []
      if (group === undefined || answers.length === 0) return []
      this.#claim(groups, group, flag, answers)
      return answers
    })
    return [...dropped, ...renamed]
  }

  isAnswered(group: RenameGroup): boolean {
    return this.#answered.has(group)
  }

  /** The question about a group; none if no plausible candidate is left. */
  question(group: RenameGroup): RenameQuestion[] {
    const { kind, from } = group.first
    const table = group.first.table ?? group.first.columns?.[0]?.table
    const { column } = group
    const candidates = group.candidates().filter((name) => !this.#taken.has(placeOf(group, name)))
    if (candidates.length === 0) return []
    const flag = group.name
    return [
      {
        kind,
        table,
        column,
        kept: column === undefined ? undefined : group.kept(),
        from,
        candidates,
        dialects: [...new Set(group.departures.map((departure) => departure.dialect))],
        message: `${kind} ${group.name} is gone, and ${list(candidates)} ${candidates.length === 1 ? 'is' : 'are'} new: was it renamed?`,
        noRenameFlag: flag,
        flags: [
          ...candidates.map((name) => `--rename ${flag}=${name}`),
          ...(kind === 'value' ? group.kept().map((value) => `--map ${flag}=${value}`) : []),
          `--no-rename ${flag}`,
        ],
      },
    ]
  }

  expectAllUsed(groups: readonly RenameGroup[], laterTables: readonly string[]): void {
    const isLater = (name: string): boolean => laterTables.some((table) => name.startsWith(`${table}.`))
    for (const flag of this.rename) if (!this.#used.has(flag) && !isLater(flag.left)) throw unknownRename(flag, groups)
    for (const flag of this.mapped) {
      if (this.#used.has(flag) || isLater(flag.left)) continue
      const values = groups.filter((group) => group.first.kind === 'value').map((group) => group.name)
      throw new AludelError('ALUDEL_USAGE', `--map ${flag.left}=${flag.right}: no enum value ${flag.left} is gone`, {
        help: values.length === 0 ? 'No value of an enum is gone.' : `Gone: ${values.join(', ')}.`,
        details: { flag: `${flag.left}=${flag.right}` },
      })
    }
    for (const flag of this.noRename) {
      if (!this.#used.has(flag) && !isLater(flag)) {
        throw new AludelError('ALUDEL_USAGE', `--no-rename ${flag}: no table, column or value of that name is gone`, {
          help: gone(groups),
          details: { flag },
        })
      }
    }
  }

  #claim(groups: readonly RenameGroup[], group: RenameGroup, flag: RenameFlag, answers: readonly RenameAnswer[]): void {
    const contradiction = (other: string): AludelError =>
      new AludelError('ALUDEL_USAGE', `--rename ${flag.left}=${flag.right} contradicts ${other}`, {
        details: { flag: `${flag.left}=${flag.right}`, other },
      })
    const others = this.rename.filter((other) => other !== flag && findGroup(groups, other.left) === group)
    const different = others.find((other) => other.right !== flag.right)
    if (different !== undefined) throw contradiction(`--rename ${different.left}=${different.right}`)
    const dropped = this.noRename.find((name) => findGroup(groups, name) === group)
    if (dropped !== undefined) throw contradiction(`--no-rename ${dropped}`)
    const place = placeOf(group, answers[0]?.to ?? flag.right)
    const taken = this.#taken.get(place)
    if (taken !== undefined && taken !== group.name) throw contradiction(`--rename ${taken}=${flag.right}`)
    this.#taken.set(place, group.name)
    this.#answered.add(group)
    this.#used.add(flag)
  }
}

/** The group that a flag names, preferably by its first name: names may have been swapped. */
function findGroup(groups: readonly RenameGroup[], name: string): RenameGroup | undefined {
  return groups.find((group) => group.isCalled(name)) ?? groups.find((group) => group.isNamed(name))
}

/** A name with its namespace: among tables, among the columns of one table, or among the values of a column. */
function placeOf(group: RenameGroup, name: string): string {
  const { kind, table } = group.first
  if (kind === 'value') return `value ${group.name.slice(0, -group.first.from.length)}${name}`
  return kind === 'table' ? `table ${name}` : `column ${table === undefined ? '' : displayName(table)} ${name}`
}

function unknownRename(flag: RenameFlag, groups: readonly RenameGroup[]): AludelError {
  const text = `--rename ${flag.left}=${flag.right}`
  const group = findGroup(groups, flag.left)
  if (group === undefined) {
    return new AludelError('ALUDEL_USAGE', `${text}: no table, column or value ${flag.left} is gone`, {
      help: gone(groups),
      details: { flag: `${flag.left}=${flag.right}` },
    })
  }
  const arrivals = group.arrivals()
  const hint = `If ${flag.right} is the old name of something else, add a flag for that too.`
  return new AludelError('ALUDEL_USAGE', `${text}: no ${group.first.kind} ${flag.right} is new there`, {
    help: `${arrivals.length === 0 ? 'Nothing is new there.' : `New there: ${arrivals.join(', ')}.`} ${hint}`,
    details: { flag: `${flag.left}=${flag.right}`, new: arrivals },
  })
}

function gone(groups: readonly RenameGroup[]): string {
  return groups.length === 0
    ? 'No table, column or value is gone.'
    : `Gone: ${groups.map((group) => group.name).join(', ')}.`
}

function list(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`
}
