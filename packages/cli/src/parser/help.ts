import { commands, groups, type CommandEntry } from '../commands/table'
import { displayWidth } from '../output/table'
import { wrap } from '../output/wrap'
import type { Command } from './command'
import type { Scope } from './explain'
import { globalOptions } from './global-options'
import type { Option, Options } from './options'

const always: Options = {
  help: { kind: 'flag', describe: 'show this', alias: 'h' },
  version: { kind: 'flag', describe: 'show the version' },
}

/**
 * The help of `aludel`, of a group of commands, or of one command.
 *
 * @param columns width of the terminal
 */
export function helpText(scope: Readonly<Scope>, columns: number): string {
  const width = Math.max(40, Math.min(columns, 100))
  const { entry, command, group } = scope
  const lines =
    entry !== undefined && command !== undefined
      ? commandHelp(entry, command, width)
      : group !== undefined
        ? groupHelp(group, width)
        : rootHelp(width)
  return `${lines.join('\n')}\n`
}

function rootHelp(width: number): string[] {
  const others = commands.filter(({ path }) => path.length === 1)
  return [
    'Usage: aludel <command> [options]',
    '',
    'Schema migrations for TypeORM.',
    ...Object.entries(groups).flatMap(([group, describe]) => [
      '',
      `${capital(describe)}:`,
      ...list(commandRows(group, `${group} `), width),
    ]),
    '',
    'Other:',
    ...list(
      others.map((entry): Row => [entry.usage, entry.describe]),
      width,
    ),
    '',
    'Global options, before or after the command:',
    ...list([...optionRows(globalOptions), ...optionRows(always)], width),
    '',
    'Examples:',
    '  aludel migrate create "add priority to workflows"',
    '  aludel migrate upgrade',
    '  aludel migrate current --json',
    '',
    'Exit codes: 0 done, 1 failed, 2 wrong usage, 3 the answer is no, 4 refused,',
    '5 locked, 6 failed half-way, 130 interrupted.',
    '`aludel upgrade` is short for `aludel migrate upgrade`, and so are the others.',
    '`aludel <command> --help` explains a command.',
  ]
}

function groupHelp(group: string, width: number): string[] {
  return [
    `Usage: aludel ${group} <command> [options]`,
    '',
    `${capital(groups[group] ?? '')}.`,
    '',
    'Commands:',
    ...list(commandRows(group, ''), width),
    '',
    `\`aludel ${group} <command> --help\` explains a command, \`aludel --help\` the global options.`,
  ]
}

function commandHelp(entry: CommandEntry, command: Command, width: number): string[] {
  const name = ['aludel', ...entry.path.slice(0, -1), entry.usage].join(' ')
  const arguments_ = command.positionals.map((positional): Row => [positional.name, positional.describe])
  return [
    `Usage: ${name} [options]`,
    '',
    `${capital(entry.describe)}.`,
    ...(arguments_.length === 0 ? [] : ['', 'Arguments:', ...list(arguments_, width)]),
    ...(Object.keys(command.options).length === 0 ? [] : ['', 'Options:', ...list(optionRows(command.options), width)]),
    '',
    'Examples:',
    ...command.examples.flatMap(([line, does]) => [`  aludel ${line}`, `      ${does}`]),
    '',
    ...wrap(
      `Global options (see aludel --help): ${Object.keys(globalOptions)
        .map((option) => `--${option}`)
        .join(', ')}.`,
      width,
    ),
  ]
}

type Row = readonly [term: string, describe: string]

function commandRows(group: string, prefix: string): Row[] {
  return commands
    .filter(({ path }) => path.length === 2 && path[0] === group)
    .map(({ usage, describe }) => [prefix + usage, describe])
}

function optionRows(options: Options): Row[] {
  return Object.entries(options).map(([name, option]) => [optionTerm(name, option), option.describe])
}

function optionTerm(name: string, option: Option): string {
  const short = option.alias === undefined ? '' : `-${option.alias}, `
  return `${short}--${name}${option.kind === 'flag' ? '' : ` ${option.value}`}`
}

/** Terms on the left, their descriptions on the right. */
function list(rows: readonly Row[], width: number): string[] {
  const indent = Math.min(Math.max(...rows.map(([term]) => displayWidth(term))), 30) + 4
  return rows.flatMap(([term, describe]) => {
    const [first = '', ...rest] = wrap(describe, width - indent)
    const head = `  ${term}`
    const padding = ' '.repeat(indent)
    const beginning = head.length > indent - 2 ? [head, padding + first] : [head.padEnd(indent) + first]
    return [...beginning, ...rest.map((line) => padding + line)]
  })
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
