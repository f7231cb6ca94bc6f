import { commands, groups, isShort, type CommandEntry } from '../commands/table'
import { usageError } from '../errors'
import type { Command } from './command'
import { helpForWord, shownWord } from './database-argument'
import { globalOptions } from './global-options'
import { nearest } from './nearest'
import type { Options } from './options'
import { beforeDashes } from './values'

/** The part of a command line that was recognized. */
export interface Scope {
  group?: string
  entry?: CommandEntry
  command?: Command
}

export const missingCommand = 'a command is missing'

/**
 * Converts a message of the parser into one line that names the argument, and a hint.
 *
 * @param failure the message of yargs
 * @returns AludelError `ALUDEL_USAGE`
 */
export function explain(failure: string, argv: readonly string[], scope: Scope): Error {
  const name = ['aludel', ...(scope.entry?.path ?? (scope.group === undefined ? [] : [scope.group]))].join(' ')
  const seeHelp = `See \`${name} --help\`.`
  const options: Options = { ...globalOptions, ...scope.command?.options }

  const unknown = /^Unknown (?:arguments?|commands?): (.*)$/s.exec(failure)?.[1]?.split(', ')[0]
  if (unknown !== undefined) return explainUnknown(unknown, argv, scope, seeHelp)

  const needsValue = /^(?:Not enough arguments following|Missing argument value): (.*)$/s.exec(failure)?.[1]
  if (needsValue !== undefined) {
    const [full, option] = Object.entries(options).find(
      ([key, { alias }]) => key === needsValue || alias === needsValue,
    ) ?? [needsValue]
    return usageError(
      `--${full} needs a value${option === undefined || option.kind === 'flag' ? '' : `: ${option.value}`}`,
      seeHelp,
    )
  }
  if (failure.startsWith('Not enough non-option arguments')) {
    const missing =
      scope.command?.positionals.filter(({ required }) => required === true).map((positional) => positional.name) ?? []
    return usageError(`${missing.join(', ') || 'an argument'} is missing`, seeHelp)
  }
  if (failure === missingCommand) {
    const here = commands.filter(({ path }) => scope.group === undefined || path[0] === scope.group)
    const words = new Set(here.map(({ path }) => (scope.group === undefined ? path[0] : path[1])))
    return usageError(`a command is missing after \`${name}\``, `One of ${[...words].join(', ')}. ${seeHelp}`)
  }
  return usageError(failure.split('\n')[0] ?? failure, seeHelp)
}

/** The error for an unknown option or argument, of which the parser reports only the bare name. */
function explainUnknown(word: string, argv: readonly string[], scope: Scope, seeHelp: string): Error {
  const option = beforeDashes(argv).find(
    (argument) => argument.replace(/^--?/, '').split('=')[0] === word && argument.startsWith('-'),
  )
  const cluster = beforeDashes(argv).find(
    (argument) => /^-[a-z]/i.test(argument) && word.length === 1 && argument.includes(word),
  )
  if (option !== undefined || cluster !== undefined) {
    const near = nearest(word, Object.keys({ ...globalOptions, ...scope.command?.options, help: 0, version: 0 }))
    return usageError(
      `unknown option ${option?.split('=')[0] ?? `-${word}`}`,
      hint(near === undefined ? undefined : `--${near}`, seeHelp),
    )
  }
  if (scope.command !== undefined) {
    return usageError(shownWord('unexpected argument', word), helpForWord(word, seeHelp))
  }

  const here = commands
    .filter(({ path }) => scope.group === undefined || path[0] === scope.group)
    .map(({ path }) => path.join(' '))
  const wanted = scope.group === undefined ? word : `${scope.group} ${word}`
  const short = commands.filter(isShort).map(({ path }) => path.slice(1).join(' '))
  // `aludel import`: the verb is right, its group is missing.
  const near =
    here.find((line) => line.endsWith(` ${word}`)) ??
    nearestCommand(word, scope.group, here, [...Object.keys(groups), ...short])
  return usageError(
    shownWord('unknown command', wanted),
    helpForWord(wanted, hint(near === undefined ? undefined : `aludel ${near}`, seeHelp)),
  )
}

/** Within a group, only the verbs are compared: the name of the group would make every verb look close to what was typed. */
function nearestCommand(
  word: string,
  group: string | undefined,
  here: readonly string[],
  short: readonly string[],
): string | undefined {
  if (group === undefined) return nearest(word, [...short, ...here])
  const verb = nearest(
    word,
    here.map((line) => line.slice(group.length + 1)),
  )
  return verb === undefined ? undefined : `${group} ${verb}`
}

function hint(near: string | undefined, seeHelp: string): string {
  return near === undefined ? seeHelp : `Did you mean \`${near}\`? ${seeHelp}`
}
