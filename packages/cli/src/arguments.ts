import { usageError } from './errors'

/**
 * A REV that may be given as an argument or as `--revision REV`.
 *
 * @throws AludelError `ALUDEL_USAGE` when both are given
 */
export function eitherRevision(word: string | undefined, option: string | undefined): string | undefined {
  if (word !== undefined && option !== undefined) {
    throw usageError(`the revision is given twice: "${word}" and --revision "${option}"`, 'Give one of them.')
  }
  return word ?? option
}

/** @throws AludelError `ALUDEL_USAGE` when more than one of these flags is set */
export function atMostOne(options: Readonly<Record<string, boolean>>): void {
  const given = Object.keys(options).filter((name) => options[name] === true)
  if (given.length > 1) throw usageError(`${given.map((name) => `--${name}`).join(' and ')} cannot be combined`)
}

/** @throws AludelError `ALUDEL_USAGE` if an option is given without the one that it belongs to */
export function onlyWith(option: string, isGiven: boolean, other: string, isOther: boolean): void {
  if (isGiven && !isOther) throw usageError(`--${option} needs --${other}`)
}

/** Milliseconds per unit. */
const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, '': 1000 }

/**
 * Parses `500ms`, `30s`, `2m`, `1h`, or a number of seconds.
 *
 * @returns milliseconds
 * @throws AludelError `ALUDEL_USAGE`
 */
export function parseDuration(option: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|)$/.exec(text)
  const unit = units[match?.[2] ?? '?']
  if (match === null || unit === undefined)
    throw usageError(`--${option} cannot be "${text}"`, 'Write for example 500ms, 30s or 2m.')
  return Math.round(Number(match[1]) * unit)
}
