import type { CommandContext } from '../command-context'
import type { Output } from '../output/output'
import type { Options, Values } from './options'

/** The result of a command, which never prints it itself. */
export interface Report {
  /** The document of `--json`. */
  readonly json: unknown
  /** Prints the same as text. */
  readonly human: (out: Output) => void
  /** It was printed while the command ran, which is what a server does. */
  readonly printed?: true
  /** 3 if the answer is "no", 1 if some of the work failed. Default is 0. */
  readonly exitCode?: number
}

/** An argument of a command, for example `REV`. */
export interface Positional {
  readonly name: string
  readonly describe: string
  readonly required?: boolean
  readonly many?: boolean
  /** The allowed values. */
  readonly choices?: readonly string[]
}

/** One command, in one file under `commands/`. */
export interface Command<O extends Options = Options, P extends readonly Positional[] = readonly Positional[]> {
  readonly options: O
  readonly positionals: P
  /** Pairs of a command line (without `aludel`) and what it does. */
  readonly examples: readonly (readonly [line: string, does: string])[]
  run(args: Arguments<O, P>, context: CommandContext): Promise<Report>
}

type PositionalValue<P extends Positional> = P extends { readonly many: true }
  ? readonly string[]
  : P extends { readonly required: true }
    ? string
    : P extends { readonly choices: readonly (infer C)[] }
      ? C | undefined
      : string | undefined

/** The values of a command's options and arguments. */
export type Arguments<O extends Options, P extends readonly Positional[]> = Values<O> & {
  readonly [K in P[number] as K['name']]: PositionalValue<K>
}

/**
 * Returns the command unchanged. It exists to infer the types of its arguments.
 *
 * @example
 * export const command = defineCommand({
 *   positionals: [{ name: 'REV', describe: 'what to show', required: true }],
 *   options: { sql: flag('print the SQL') },
 *   examples: [['migrate show head', 'the newest revision']],
 *   async run(args, context) {
 *     args.REV // string
 *     args.sql // boolean
 *     return { json: {}, human: () => undefined }
 *   },
 * })
 */
export function defineCommand<const O extends Options, const P extends readonly Positional[]>(
  command: Command<O, P>,
): Command<O, P> {
  return command
}
