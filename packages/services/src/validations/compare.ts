import type { JsonValue } from '@aludel/models'

/** The issues of two validations. */
export interface Comparison {
  /** Only the later one has them. */
  readonly added: readonly JsonValue[]
  /** Only the earlier one has them. */
  readonly resolved: readonly JsonValue[]
  /** Both have them. */
  readonly kept: readonly JsonValue[]
}

/**
 * Compares lists of issues. Two are the same if they have the same content, in whatever order their keys are; one that occurs twice
 * counts twice.
 *
 * @example
 * compareIssues([{ rule: 'a' }, { rule: 'b' }], [{ rule: 'b' }, { rule: 'c' }])
 * // { added: [{ rule: 'c' }], resolved: [{ rule: 'a' }], kept: [{ rule: 'b' }] }
 */
export function compareIssues(earlier: readonly JsonValue[], later: readonly JsonValue[]): Comparison {
  const open = new Map<string, JsonValue[]>()
  for (const issue of earlier) {
    const key = canonical(issue)
    open.set(key, [...(open.get(key) ?? []), issue])
  }
  const [added, kept]: [JsonValue[], JsonValue[]] = [[], []]
  for (const issue of later) (open.get(canonical(issue))?.pop() === undefined ? added : kept).push(issue)
  return { added, resolved: [...open.values()].flat(), kept }
}

/**
 * The issues of a stored validation: the value itself if it is a list, or its list `issues`; an empty list if there is neither.
 */
export function issuesIn(value: JsonValue): readonly JsonValue[] {
  if (Array.isArray(value)) return value as JsonValue[]
  const issues: unknown = typeof value === 'object' && value !== null && 'issues' in value ? value.issues : undefined
  return Array.isArray(issues) ? (issues as JsonValue[]) : []
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${canonical(one)}`).join()}}`
}
