import type { Argv } from 'yargs'

import { absentCommand, dataLayerPackage } from '../commands/data-layer'
import { commands, groups, isShort, type CommandEntry } from '../commands/table'
import { packageMissing } from '../project/packages'
import type { Arguments, Command, Positional } from './command'
import { explain, missingCommand, type Scope } from './explain'
import { globalOptions, type GlobalValues } from './global-options'
import { protectRelative, unprotectRelative } from './guard'
import { helpText } from './help'
import type { Options } from './options'
import { beforeDashes, readOptions, readPositionals, refuseFlagValues } from './values'

/** A parsed command line. */
export type Parsed =
  /** `--help` or `--version`: a text to print. */
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'command'
      readonly command: Command
      readonly args: Arguments<Options, readonly Positional[]>
      readonly globals: GlobalValues
    }

/** Ends the work of yargs once the values are known. */
const done = new Error('the command line is read')

/**
 * Parses a command line. Loads only the file of the named command.
 *
 * @param argv arguments after `aludel`
 * @param columns width of the help
 * @param cwd for the message about a missing package, which names the package manager of the project
 * @throws AludelError `ALUDEL_USAGE`, `ALUDEL_PACKAGE` for a command of a package that is not installed
 */
export async function parseCommandLine(
  argv: readonly string[],
  version: string,
  columns: number,
  cwd = '.',
): Promise<Parsed> {
  const { default: yargs } = await import('yargs')
  const scope: Scope = {}
  let values: Record<string, unknown> | undefined
  const root = makeParser(yargs(), scope, (given) => {
    values = given
    // After every handler yargs lays out its help, which nobody prints: half of its work.
    throw done
  })

  let failure: string | undefined
  try {
    await root.parseAsync(protectRelative(argv), {}, (error: Error | undefined) => {
      if (error !== done) failure = error?.message
    })
  } catch (error) {
    if (error === done) failure = undefined
    else if (scope.entry !== undefined && scope.command === undefined) throw error
    else failure = error instanceof Error ? error.message : String(error)
  }
  const options = beforeDashes(argv)
  if (failure !== undefined && scope.entry === undefined) {
    const absent = absentCommand(options)
    if (absent !== undefined) throw packageMissing(dataLayerPackage, `\`aludel ${absent}\``, cwd)
  }
  if (options.includes('--help') || options.includes('-h')) return { kind: 'text', text: helpText(scope, columns) }
  if (options.includes('--version') && scope.group === undefined) return { kind: 'text', text: `${version}\n` }
  const { command } = scope
  // `aludel` and `aludel migrate` alone are a question; a script that asks for JSON has made a mistake.
  if (failure === missingCommand && !options.includes('--json')) return { kind: 'text', text: helpText(scope, columns) }
  if (failure !== undefined) throw explain(unprotectRelative(failure), argv, scope)
  if (values === undefined || command === undefined) throw explain(missingCommand, argv, scope)
  refuseFlagValues(argv, { ...globalOptions, ...command.options })
  return {
    kind: 'command',
    command,
    // Read according to the command's own description, from which this type is derived.
    args: { ...readOptions(values, command.options), ...readPositionals(values, command.positionals) } as Arguments<
      Options,
      readonly Positional[]
    >,
    globals: readOptions(values, globalOptions),
  }
}

/**
 * Help and hints are our own. yargs lays out its help before each command, even if it is not printed, so options and
 * commands are hidden from it to save that time.
 */
function makeParser(root: Argv, scope: Scope, onValues: (values: Record<string, unknown>) => void): Argv {
  root
    .scriptName('aludel')
    .locale('en')
    .exitProcess(false)
    .showHelpOnFail(false)
    .help(false)
    .version(false)
    .parserConfiguration({
      // Names such as --no-input are options of their own; numbers are revisions; `table.column` is one word.
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'greedy-arrays': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
    })
    .strict()
    .demandCommand(1, missingCommand)
    .option('help', { type: 'boolean', alias: 'h', hidden: true })
    .option('version', { type: 'boolean', hidden: true })
  addOptions(root, globalOptions)

  const addCommand = (parent: Argv, entry: CommandEntry): void => {
    parent.command({
      command: entry.usage,
      describe: false,
      builder: async (target: Argv) => {
        scope.entry = entry
        scope.command = await entry.load()
        addOptions(target, scope.command.options)
        for (const { name } of scope.command.positionals) target.positional(name, { type: 'string' })
        return target
      },
      handler: onValues,
    })
  }
  for (const name of Object.keys(groups)) {
    root.command({
      command: name,
      describe: false,
      builder: (target: Argv) => {
        scope.group = name
        for (const entry of commands) if (entry.path.length === 2 && entry.path[0] === name) addCommand(target, entry)
        return target.demandCommand(1, missingCommand)
      },
      handler: () => undefined,
    })
  }
  for (const entry of commands) if (entry.path.length === 1 || isShort(entry)) addCommand(root, entry)
  return root
}

function addOptions(target: Argv, options: Options): void {
  for (const [name, option] of Object.entries(options)) {
    target.option(name, {
      type: option.kind === 'flag' ? 'boolean' : 'string',
      requiresArg: option.kind !== 'flag',
      hidden: true,
      ...(option.alias === undefined ? {} : { alias: option.alias }),
    })
  }
}
