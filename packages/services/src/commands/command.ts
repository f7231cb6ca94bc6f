import type { DataSource } from 'typeorm'

/**
 * A command, as data for the command line of `@aludel/cli`, which finds these commands when this package is installed. It parses,
 * connects and prints; a command reads its values, does its work, and returns the answer.
 */
export interface DataCommand {
  readonly positionals: readonly { readonly name: string; readonly describe: string; readonly required?: boolean }[]
  readonly options: Readonly<Record<string, DataOption>>
  /** Pairs of a command line (without `aludel`) and what it does. */
  readonly examples: readonly (readonly [line: string, does: string])[]
  /** @param values by name of the option or argument: booleans of flags, texts, lists, or undefined if not given */
  run(values: Readonly<Record<string, unknown>>, context: DataCommandContext): Promise<DataReport>
}

/** An option: on or off, with a value, or with a value and repeatable. */
export type DataOption =
  | { readonly kind: 'flag'; readonly describe: string }
  | { readonly kind: 'list'; readonly value: string; readonly describe: string }
  | { readonly kind: 'text'; readonly value: string; readonly describe: string; readonly choices?: readonly string[] }

/** What a command is listed as; its code is loaded when it runs. */
export interface DataCommandEntry {
  /** Words after `aludel`: `['reviews', 'list']`. */
  readonly path: readonly string[]
  /** The last word with its arguments: `import <DIR>`. */
  readonly usage: string
  readonly describe: string
  load(): Promise<DataCommand>
}

/** What the command line provides. */
export interface DataCommandContext {
  /** Relative paths of the user start here. */
  readonly cwd: string
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
  /**
   * Runs `work` on the connected database, whose entities are those of `@aludel/models`.
   *
   * @param entities names of those that it needs. Default is `ReviewDecision`.
   * @throws an error of the command line if one of them is missing, or the database is not at head
   */
  withDataSource<T>(work: (dataSource: DataSource) => Promise<T>, entities?: readonly string[]): Promise<T>
  /** Shows how much of the work is done. */
  progress(done: number, total: number, what: string, count: string): void
  /** Aligns cells in columns, to the left unless `align` says otherwise. */
  columns(rows: readonly (readonly string[])[], align?: readonly ('left' | 'right')[]): readonly string[]
  /**
   * Cuts cells so that aligned rows are not wider than a terminal, those of the widest columns first.
   *
   * @param width in cells; null for a file, where nothing is cut
   * @param cuttable indexes of the columns that may be cut
   */
  fit(
    rows: readonly (readonly string[])[],
    width: number | null,
    cuttable: readonly number[],
  ): readonly (readonly string[])[]
  /** From now on the command stops itself after Ctrl-C, where it is safe, in as much time as that needs. */
  stopsItself(): void
  /** Asks for a yes: at the terminal, or answered by `--yes`. False also where nobody can be asked. */
  confirm(question: { readonly lines?: readonly string[]; readonly text: string }): Promise<boolean>
  /**
   * Writes a part of an answer that is too long to be kept in memory, to standard output.
   *
   * @returns false if nobody reads it any more
   */
  write(text: string): Promise<boolean>
  /** Whether standard output must be one JSON document. */
  readonly wantsJson: boolean
  readonly env: Readonly<Record<string, string | undefined>>
}

/** The answer of a command. */
export interface DataReport {
  /** The document of `--json`. */
  readonly json: unknown
  /** 1 if some of the work failed. Default is 0. */
  readonly exitCode?: number
  /** The answer was written while the command ran. */
  readonly printed?: true
  /** Prints the same as text. */
  human(out: DataOutput): void
}

/** Prints lines: of the result, and those that `--quiet` omits. */
export interface DataOutput {
  readonly colors: Readonly<Record<'bold' | 'dim' | 'green' | 'red' | 'yellow', (text: string) => string>>
  /** In cells; null if the result is written to a file or a pipe. */
  readonly terminalWidth: number | null
  lines(...lines: readonly string[]): void
  note(...lines: readonly string[]): void
}

/** Names of the entities of `@aludel/models`; listed, because to load them takes longer than a command that needs none. */
export const allEntities: readonly string[] = [
  'Workflow',
  'Checkpoint',
  'ValidationResult',
  'Recommendation',
  'AuditLog',
  'CacheEntry',
  'Metric',
  'ReviewDecision',
]

/** `1 file`, `2 files`, `1,234 entries`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`
}

/** `1,234,567`. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',')
}

/** A stored text on one line: line breaks and other control characters, which a terminal would obey, become visible. */
export function oneLine(text: string): string {
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (character) => {
    const known = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[character]
    return known ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/** `512 B`, `16.0 KiB`, `3.2 MiB`: as the other commands print sizes. */
export function bytesText(count: number): string {
  const units = ['KiB', 'MiB', 'GiB', 'TiB']
  let value = count
  let unit = -1
  while (value >= (unit === -1 ? 1024 : 1023.95) && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  return unit === -1 ? `${String(count)} B` : `${value.toFixed(1)} ${units[unit] ?? ''}`
}
