// cspell:ignore aeiou
import { type AnyExpression, bare, identifierOf, memberOf } from './literals'

/** Thrown for code that the reader does not evaluate. */
export class OnlyWhenItRuns extends Error {
  constructor(
    readonly what: string,
    readonly start: number,
  ) {
    super(what)
  }
}

/** A placeholder for an object that exists only when the revision runs. */
export class Thing {
  constructor(readonly kind: 'runner' | 'dataSource' | 'driver' | 'options' | 'answer' | 'self') {}
}

/** True for a {@link Thing}, and for a value that contains one. */
export function hasThing(value: unknown): boolean {
  if (value instanceof Thing) return true
  if (Array.isArray(value)) return value.some(hasThing)
  return isRecord(value) && Object.values(value).some(hasThing)
}

/** True for a plain object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

export function startOf(node: AnyExpression): number {
  return node?.start ?? 0
}

/** The source of a member expression, for example `queryRunner.manager.save`. */
export function sourceOf(node: AnyExpression): string {
  const inner = bare(node)
  if (inner === null) return 'a function'
  const member = memberOf(inner)
  if (member !== undefined) return `${sourceOf(member.object)}.${member.name}`
  if (inner.type === 'ThisExpression') return 'this'
  if (inner.type === 'CallExpression') return `${sourceOf(inner.callee)}()`
  return identifierOf(inner) ?? 'a function'
}

/** `TryStatement` as `a try statement`. */
export function wordsOf(type: string): string {
  const words = type
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/^TS/, '')
    .toLowerCase()
    .trim()
  return `${/^[aeiou]/.test(words) ? 'an' : 'a'} ${words}`
}
