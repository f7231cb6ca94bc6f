// cspell:ignore mhdw
import { UsageError } from '../errors'

/** The text of an option or an argument; undefined if it was not given. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** A whole number. @throws {UsageError} */
export function wholeNumberOf(option: string, value: unknown): number | undefined {
  const text = textOf(value)
  if (text === undefined) return undefined
  if (!/^\d{1,15}$/.test(text)) throw new UsageError(`--${option} cannot be "${text}"`, 'Give a whole number.')
  return Number(text)
}

/** A whole number from 1, in which digits may be grouped: 100,000. @throws {UsageError} */
export function countOf(option: string, value: unknown): number | undefined {
  const text = textOf(value)
  if (text === undefined) return undefined
  const digits = text.replaceAll(/[_,]/g, '')
  if (!/^\d{1,15}$/.test(digits) || Number(digits) < 1)
    throw new UsageError(`--${option} cannot be "${text}"`, 'Give a whole number from 1.')
  return Number(digits)
}

/** Bytes of each unit. */
const sizes: Readonly<Record<string, number>> = {
  '': 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
}

/** `500MB`, `1GiB`, or a number of bytes. @throws {UsageError} */
export function sizeOf(option: string, value: unknown): number | undefined {
  const text = textOf(value)
  if (text === undefined) return undefined
  const [, digits, unit = ''] = /^(\d{1,12}(?:\.\d+)?)\s?([a-z]*)$/i.exec(text) ?? []
  const factor = sizes[unit.replace(/^b$/i, '').toLowerCase()]
  if (digits === undefined || factor === undefined)
    throw new UsageError(`--${option} cannot be "${text}"`, 'Write for example 500MB, 2GiB, or a number of bytes.')
  return Math.floor(Number(digits) * factor)
}

/** Milliseconds of each unit. */
const ages: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/** `12h`, `90d`, `8w`: the time that long before now. @throws {UsageError} */
export function timeBefore(option: string, value: unknown, now: Date): Date | undefined {
  const text = textOf(value)
  if (text === undefined) return undefined
  const [, digits, unit = ''] = /^(\d{1,6})\s?([mhdw])$/.exec(text) ?? []
  const factor = ages[unit]
  if (digits === undefined || factor === undefined)
    throw new UsageError(`--${option} cannot be "${text}"`, 'Write for example 12h, 90d or 8w.')
  return new Date(now.getTime() - Number(digits) * factor)
}

/** `2026-03-29`, or a time with its zone: `2026-03-29T12:00:00Z`. @throws {UsageError} */
export function timeOf(option: string, value: unknown): Date | undefined {
  const text = textOf(value)
  if (text === undefined) return undefined
  const isForm = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/.test(text)
  const time = new Date(text)
  // A date that does not exist would become another one: 2026-02-30.
  const exists =
    !Number.isNaN(time.getTime()) && new Date(text.slice(0, 10)).toISOString().startsWith(text.slice(0, 10))
  if (!isForm || !exists)
    throw new UsageError(`--${option} cannot be "${text}"`, 'Write a day, 2026-03-29, or a time, 2026-03-29T12:00:00Z.')
  return time
}
