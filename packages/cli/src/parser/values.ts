import { usageError } from '../errors'
import type { Positional } from './command'
import { refuseDatabase } from './database-argument'
import { unprotectRelative } from './guard'
import { nearest } from './nearest'
import type { Option, Options, Values } from './options'

/**
 * Validates the values of a set of options.
 *
 * @param values by name, from the parser
 * @throws AludelError `ALUDEL_USAGE`
 */
export function readOptions<O extends Options>(values: Readonly<Record<string, unknown>>, options: O): Values<O> {
  return Object.fromEntries(
    Object.entries(options).map(([name, option]) => [name, readOption(name, option, values[name])]),
  ) as Values<O>
}

function readOption(name: string, option: Option, value: unknown): boolean | string | readonly string[] | undefined {
  if (option.kind === 'flag') return Array.isArray(value) ? value.at(-1) === true : value === true
  const texts = wordsOf(value)
  if (texts.includes('')) throw usageError(`--${name} needs a value: ${option.value}`)
  if (name !== 'database-url') for (const text of texts) refuseDatabase(`--${name}`, text)
  if (option.kind === 'list') return texts
  if (texts.length > 1) throw usageError(`--${name} is given ${String(texts.length)} times; it takes one value`)
  const [only] = texts
  refuseOtherChoice(`--${name}`, only, option.choices)
  return only
}

/** Validates the arguments of a command. */
export function readPositionals(
  values: Readonly<Record<string, unknown>>,
  positionals: readonly Positional[],
): Record<string, string | readonly string[] | undefined> {
  const read = ({ name, many, choices }: Positional): string | readonly string[] | undefined => {
    const words = wordsOf(values[name])
    for (const word of words) refuseDatabase(name, word)
    if (many === true) return words
    const [word] = words
    refuseOtherChoice(name, word, choices)
    return word
  }
  return Object.fromEntries(positionals.map((positional) => [positional.name, read(positional)]))
}

/** The values of one name: none, one or several. */
function wordsOf(value: unknown): string[] {
  const given: unknown[] = Array.isArray(value) ? value : [value]
  return given.filter((item) => typeof item === 'string').map(unprotectRelative)
}

function refuseOtherChoice(name: string, word: string | undefined, choices: readonly string[] | undefined): void {
  if (word === undefined || choices === undefined || choices.includes(word)) return
  throw usageError(`${name} cannot be "${word}"`, didYouMean(word, choices) ?? `One of ${choices.join(', ')}.`)
}

function didYouMean(word: string, candidates: readonly string[]): string | undefined {
  const near = nearest(word, candidates)
  return near === undefined ? undefined : `Did you mean ${near}?`
}

/**
 * Refuses values of flags: yargs would read `--sql=foo` as "no --sql".
 *
 * @throws AludelError `ALUDEL_USAGE`
 */
export function refuseFlagValues(argv: readonly string[], options: Options): void {
  for (const argument of beforeDashes(argv)) {
    const [, name = '', value] = /^--([^=]+)=(.*)$/s.exec(argument) ?? []
    if (options[name]?.kind === 'flag' && value !== 'true' && value !== 'false')
      throw usageError(`--${name} takes no value`)
  }
}

/** Arguments up to `--`; later ones are not options. */
export function beforeDashes(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--')
  return end === -1 ? argv : argv.slice(0, end)
}
