import type { CreateFinding, LintFinding } from '../../../src/api/types'
import { bytes, count, list, short } from './format'

/** A finding, of a revision that exists or of one that `create` would write. */
export type Finding = CreateFinding & Partial<Omit<LintFinding, keyof CreateFinding>>

type Severity = Finding['severity']

/** The route of what `lint` finds in the steps of a plan. */
export function lintPath(direction: Direction, target: string): string {
  return `/lint?${new URLSearchParams({ direction, target }).toString()}`
}

/** The severities, the worst first, with what they are called. */
const severities: readonly (readonly [Severity, string])[] = [
  ['error', 'error'],
  ['warning', 'warning'],
  ['info', 'note'],
]

/** `error`, `warning` or `note`. */
export function severityWord(severity: Severity): string {
  return severities.find(([one]) => one === severity)?.[1] ?? severity
}

/** How many there are of each severity, the worst first, without those of which there are none. */
export function countsOf(
  findings: readonly Pick<Finding, 'severity'>[],
): readonly { readonly severity: Severity; readonly text: string }[] {
  return severities.flatMap(([severity, word]) => {
    const number = findings.filter((one) => one.severity === severity).length
    return number === 0 ? [] : [{ severity, text: count(number, word) }]
  })
}

/** `1 error, 2 warnings and 1 note`; empty if there are none. */
export function countsText(findings: readonly Pick<Finding, 'severity'>[]): string {
  return list(countsOf(findings).map(({ text }) => text))
}

/** What need not be told of each finding, because it is the same for all that are shown. */
export interface Shared {
  readonly direction?: Direction
  readonly dialect?: Dialect
}

type Direction = NonNullable<Finding['direction']>
type Dialect = Finding['dialects'][number]

/** Findings about what a plan would do: those of its direction and its database, and those about files. */
export function findingsOfPlan(
  findings: readonly LintFinding[],
  { direction, dialect }: Shared,
): readonly LintFinding[] {
  return findings.filter(
    (one) =>
      (one.direction === direction || one.direction === null) &&
      (dialect === undefined || one.dialects.length === 0 || one.dialects.includes(dialect)),
  )
}

/**
 * Findings about a revision: those that still matter, and those about an upgrade that has run, which can no longer be changed.
 */
export function findingsOfRevision<F extends Pick<Finding, 'direction'>>(
  findings: readonly F[],
  { applied }: { readonly applied: boolean },
): { readonly open: readonly F[]; readonly past: readonly F[] } {
  const isPast = ({ direction }: F): boolean => applied && direction === 'upgrade'
  return { open: findings.filter((one) => !isPast(one)), past: findings.filter(isPast) }
}

/** What `create` shows: what would block, lose or break where the new revision runs. */
export function findingsOfCreate(findings: readonly CreateFinding[]): readonly CreateFinding[] {
  return findings.filter(({ direction, severity }) => direction !== 'downgrade' && severity !== 'info')
}

/** The worst first; in the order of the file otherwise. */
export function sorted<F extends Pick<Finding, 'severity'>>(findings: readonly F[]): readonly F[] {
  return severities.flatMap(([severity]) => findings.filter((one) => one.severity === severity))
}

/**
 * Where it was found: `line 9, downgrade, PostgreSQL`; empty if there is nothing to say.
 */
export function placeOf({ line = null, direction, dialects }: Finding, shared: Shared = {}): string {
  const [dialect, ...others] = dialects
  return [
    ...(line === null ? [] : [`line ${String(line)}`]),
    ...(direction === null || direction === shared.direction ? [] : [direction]),
    ...(dialect === undefined || others.length > 0 || dialect === shared.dialect ? [] : [databaseNames[dialect]]),
  ].join(', ')
}

const databaseNames = { postgres: 'PostgreSQL', sqlite: 'SQLite' } as const

/** `orders: about 3.2M rows, 1.3 GB`; undefined if the sizes are not known. */
export function sizeOf({ table, rows, bytes: size }: Finding): string | undefined {
  if (table === undefined || rows === undefined) return undefined
  const number = rows === 1 ? '1 row' : `${short(rows)} rows`
  return `${table}: about ${number}${size === undefined ? '' : `, ${bytes(size)}`}`
}
