import { quote } from './quote'
import type { RecordedEffects } from './recorded-effects'

/** Longer objects are written with one line per part. */
const lineLength = 120

interface HasEffects {
  readonly effects?: { readonly up: RecordedEffects; readonly down: RecordedEffects }
}

/** The lines of `static readonly effects = …`; none if no effects are known. */
export function renderEffects(start: string, body: Readonly<Record<string, HasEffects>> | null): readonly string[] {
  const known = Object.entries(body ?? {}).flatMap(([dialect, { effects }]) =>
    effects === undefined ? [] : [[dialect, effects] as const],
  )
  if (known.length === 0) return []
  return write(`${start} = `, Object.fromEntries<Value>(known), '  ', '')
}

type Value = string | readonly Value[] | { readonly [key: string]: Value }

function write(start: string, value: Value, indent: string, end: string): readonly string[] {
  const line = `${start}${inline(value)}${end}`
  if (typeof value === 'string' || line.length <= lineLength) return [line]
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}']
  const parts = Object.entries(value).map(([key, part]): readonly [string, Value] => [
    Array.isArray(value) ? '' : `${keyText(key)}: `,
    part,
  ])
  return [
    `${start}${open}`,
    ...parts.flatMap(([key, part]) => write(`${indent}  ${key}`, part, `${indent}  `, ',')),
    `${indent}${close}${end}`,
  ]
}

function inline(value: Value): string {
  if (typeof value === 'string') return quote(value)
  if (Array.isArray(value)) return `[${(value as readonly Value[]).map(inline).join(', ')}]`
  const parts = Object.entries(value).map(([key, part]) => `${keyText(key)}: ${inline(part)}`)
  return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`
}

function keyText(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : quote(key)
}
