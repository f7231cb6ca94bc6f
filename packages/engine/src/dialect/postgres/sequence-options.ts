import type { SequenceOptions } from '../../schema/schema'

const limits: Readonly<Record<string, bigint>> = {
  smallint: 2n ** 15n - 1n,
  integer: 2n ** 31n - 1n,
  bigint: 2n ** 63n - 1n,
}

/** All options of a sequence: the given ones, and the defaults of CREATE SEQUENCE for the others. */
export function allOptions(type: string, given: Partial<SequenceOptions> = {}): SequenceOptions {
  const increment = given.increment ?? '1'
  const limit = limits[type] ?? limits['bigint'] ?? 0n
  const down = increment.startsWith('-')
  const min = given.min ?? (down ? String(-limit - 1n) : '1')
  const max = given.max ?? (down ? '-1' : String(limit))
  return { start: given.start ?? (down ? max : min), increment, min, max, cycle: given.cycle ?? false }
}

/** The options of a sequence that differ from the defaults; undefined when none does. */
export function unusualOptions(
  sequence: { readonly type: string } & SequenceOptions,
): Partial<SequenceOptions> | undefined {
  const { type, start, increment, min, max, cycle } = sequence
  const defaults = allOptions(type, { increment })
  const unusual = {
    ...(increment === '1' ? {} : { increment }),
    ...(min === defaults.min ? {} : { min }),
    ...(max === defaults.max ? {} : { max }),
    ...(start === allOptions(type, { increment, min, max }).start ? {} : { start }),
    ...(cycle ? { cycle } : {}),
  }
  return Object.keys(unusual).length === 0 ? undefined : unusual
}

/** The clauses of ALTER SEQUENCE that lead from one to the other. */
export function optionChanges(from: SequenceOptions, to: SequenceOptions): string[] {
  return [
    ...(from.increment === to.increment ? [] : [`INCREMENT BY ${to.increment}`]),
    ...(from.min === to.min ? [] : [`MINVALUE ${to.min}`]),
    ...(from.max === to.max ? [] : [`MAXVALUE ${to.max}`]),
    ...(from.start === to.start ? [] : [`START WITH ${to.start}`]),
    ...(from.cycle === to.cycle ? [] : [to.cycle ? 'CYCLE' : 'NO CYCLE']),
  ]
}

/** The clauses of CREATE SEQUENCE, or in the parentheses of AS IDENTITY; options with their defaults have none. */
export function optionClauses(type: string, given: Partial<SequenceOptions>): string[] {
  const { increment, min, max, start, cycle } = unusualOptions({ type, ...allOptions(type, given) }) ?? {}
  return [
    ...(increment === undefined ? [] : [`INCREMENT BY ${increment}`]),
    ...(min === undefined ? [] : [`MINVALUE ${min}`]),
    ...(max === undefined ? [] : [`MAXVALUE ${max}`]),
    ...(start === undefined ? [] : [`START WITH ${start}`]),
    ...(cycle === true ? ['CYCLE'] : []),
  ]
}
