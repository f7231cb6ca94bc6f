import { AludelError } from '../../errors'
import { parseMapFlag, parseNoRenameFlag, parseRenameFlag, type RenameFlag } from './flags'
import type { RenameAnswer } from './apply'
import type { RenameGroup } from './group'
import { columnGroups, type RenameSides, tableGroups, valueGroups } from './groups'
import type { Said } from './leavers'
import { displayName, type ObjectName } from '../../schema/schema'

/** A table, column or enum value that went while others came that it may have become. */
export interface RenameQuestion {
  readonly kind: 'table' | 'column' | 'value'
  /** The table of a column or value, as the new schema calls it. */
  readonly table?: ObjectName
  /** The column of a value. */
  readonly column?: string
  /** Of an enum: the values that stay, which the rows may get instead (`--map`). */
  readonly kept?: readonly string[]
  /** The name that went. */
  readonly from: string
  /** Names that came, the likeliest first; an answer is one of them, or "none". */
  readonly candidates: readonly string[]
  readonly dialects: readonly string[]
  /** For people: what went, what came. */
  readonly message: string
  /** What `--no-rename` takes to say "none"; followed by `=` and a candidate it is what `--rename` takes. */
  readonly noRenameFlag: string
  /** Every flag that answers it: one `--rename` for each candidate, and `--no-rename`. */
  readonly flags: readonly string[]
}

export interface RenameQuestionsResult {
  /** What the flags say, for `applyRenames` in every dialect. */
  readonly answers: readonly RenameAnswer[]
  /** What nobody has answered. Answers to tables can raise questions about their columns: ask again with them as flags. */
  readonly open: readonly RenameQuestion[]
}

/**
 * What has to be asked before a difference can be told from a rename, for several dialects of one project at once:
 * the same table or column is asked about once.
 *
 * @param flags values of `--rename` (`table.old=new`, `old_table=new_table`, `table.column.old=new` for a value of an enum),
 *   `--no-rename` (`table.old`, `old_table`, `table.column.old`) and `--map` (`table.column.old=kept`)
 * @throws AludelError `ALUDEL_USAGE` when a flag names something that did not go or did not come, or two contradict
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
  const tables = tableGroups(sides, given.said)
  const tableAnswers = given.answer(tables)
  const openTables = tables.filter((group) => !given.isAnswered(group))
  const columns = columnGroups(sides, tableAnswers, given.said)
  const columnAnswers = given.answer(columns)
  const values = valueGroups(sides, [...tableAnswers, ...columnAnswers], given.said)
  const valueAnswers = [...given.answer(values), ...given.map(values)]
  const open = [...openTables, ...[...columns, ...values].filter((group) => !given.isAnswered(group))].flatMap(
    (group) => given.question(group),
  )
  // A flag for a column of a table that is still asked about has its time later.
  // So has one for a value of a column that is.
  const later = open.flatMap(({ kind, table, candidates, from }) => {
    if (kind === 'table') return [...candidates, from]
    if (kind === 'value' || table === undefined) return []
    return [from, ...candidates].flatMap((column) => [`${displayName(table)}.${column}`, `${table.name}.${column}`])
  })
  given.expectAllUsed([...tables, ...columns, ...values], later)
  return { answers: [...tableAnswers, ...columnAnswers, ...valueAnswers], open }
}

/** The flags, and which of them have been understood. */
class Flags {
  readonly #answered = new Set<RenameGroup>()
  readonly #used = new Set<RenameFlag | string>()
  /** What was taken by an answer, by the group's place: a name can be given only once. */
  readonly #taken = new Map<string, string>()

  constructor(
    readonly rename: readonly RenameFlag[],
    readonly noRename: readonly string[],
    readonly mapped: readonly RenameFlag[],
  ) {}

  /** What decides whether something went although its name is there before and after. */
  get said(): Said {
    return this
  }

  /** The answers of `--map` about these groups, which are values. */
  map(groups: readonly RenameGroup[]): RenameAnswer[] {
    return this.mapped.flatMap((flag) => {
      const group = findGroup(groups, flag.left)
      if (group === undefined) return []
      const text = `--map ${flag.left}=${flag.right}`
      if (this.#answered.has(group)) {
        throw new AludelError('ALUDEL_USAGE', `${text} contradicts what another flag says of ${flag.left}`, {
          details: { flag: `${flag.left}=${flag.right}` },
        })
      }
      if (!group.kept().includes(flag.right) && !this.#taken.has(placeOf(group, flag.right))) {
        throw new AludelError('ALUDEL_USAGE', `${text}: ${flag.right} is no value that stays`, {
          help: `Values that stay: ${group.kept().join(', ') || 'none'}.`,
          details: { flag: `${flag.left}=${flag.right}`, kept: group.kept() },
        })
      }
      this.#answered.add(group)
      this.#used.add(flag)
      return group.mapAnswers(flag.right)
    })
  }

  /** The answers that the flags give about these groups. */
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

  /** The question about a group; none when nothing plausible came that is not taken already. */
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
        ...(table === undefined ? {} : { table }),
        ...(column === undefined ? {} : { column, kept: group.kept() }),
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

/** What a flag names; where names changed hands, what is called so now. */
function findGroup(groups: readonly RenameGroup[], name: string): RenameGroup | undefined {
  return groups.find((group) => group.isCalled(name)) ?? groups.find((group) => group.isNamed(name))
}

/** Where a name is taken: among tables, or among the columns of one table. */
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
  const stays = `Where ${flag.right} is what something else was called until now, say what became of that as well.`
  return new AludelError('ALUDEL_USAGE', `${text}: no ${group.first.kind} ${flag.right} is new there`, {
    help: `${arrivals.length === 0 ? 'Nothing is new there.' : `New there: ${arrivals.join(', ')}.`} ${stays}`,
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
