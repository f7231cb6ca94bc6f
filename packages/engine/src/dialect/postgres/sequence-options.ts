import type { SequenceOptions } from '../../schema/schema'

const limits: Readonly<Record<string, bigint>> = {
  smallint: 2n ** 15n - 1n,
  integer: 2n ** 31n - 1n,
  bigint: 2n ** 63n - 1n,
}

/** What CREATE SEQUENCE takes where nothing else is said. */
export function usualOptions(type: string, said: Partial<SequenceOptions> = {}): SequenceOptions {
  const increment = said.increment ?? '1'
  const limit = limits[type] ?? limits['bigint'] ?? 0n
  const down = increment.startsWith('-')
  const min = said.min ?? (down ? String(-limit - 1n) : '1')
  const max = said.max ?? (down ? '-1' : String(limit))
  return { start: said.start ?? (down ? max : min), increment, min, max, cycle: said.cycle ?? false }
}

/** The options of a sequence that are not what it would have by itself; undefined when there is none. */
export function unusualOptions(
  sequence: { readonly type: string } & SequenceOptions,
): Partial<SequenceOptions> | undefined {
  const { type, start, increment, min, max, cycle } = sequence
  const bare = usualOptions(type, { increment })
  const unusual = {
    ...(increment === '1' ? {} : { increment }),
    ...(min === bare.min ? {} : { min }),
    ...(max === bare.max ? {} : { max }),
    ...(start === usualOptions(type, { increment, min, max }).start ? {} : { start }),
    ...(cycle ? { cycle } : {}),
  }
  return Object.keys(unusual).length === 0 ? undefined : unusual
}

/** The clauses behind ALTER SEQUENCE that lead from one to the other. */
export function optionChanges(from: SequenceOptions, to: SequenceOptions): string[] {
  return [
    ...(from.increment === to.increment ? [] : [`INCREMENT BY ${to.increment}`]),
    ...(from.min === to.min ? [] : [`MINVALUE ${to.min}`]),
    ...(from.max === to.max ? [] : [`MAXVALUE ${to.max}`]),
    ...(from.start === to.start ? [] : [`START WITH ${to.start}`]),
    ...(from.cycle === to.cycle ? [] : [to.cycle ? 'CYCLE' : 'NO CYCLE']),
  ]
}

/** The clauses behind CREATE SEQUENCE, or in the parentheses behind AS IDENTITY. */
export function optionClauses(type: string, said: Partial<SequenceOptions>): string[] {
  const { start, increment, min, max, cycle } = usualOptions(type, said)
  const bare = usualOptions(type, { increment })
  return [
    ...(increment === '1' ? [] : [`INCREMENT BY ${increment}`]),
    ...(min === bare.min ? [] : [`MINVALUE ${min}`]),
    ...(max === bare.max ? [] : [`MAXVALUE ${max}`]),
    ...(start === usualOptions(type, { increment, min, max }).start ? [] : [`START WITH ${start}`]),
    ...(cycle ? ['CYCLE'] : []),
  ]
}
