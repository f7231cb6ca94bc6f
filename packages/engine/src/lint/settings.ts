import { AludelError } from '../errors'
import { nearest } from '../revision/names'
import type { Severity } from './finding'
import type { Rule } from './rule'

/** The oldest version of PostgreSQL that is supported. */
export const oldestServer = 13

export const severities = ['error', 'warning', 'info'] as const satisfies readonly Severity[]

/** What `lint` looks for. */
export interface LintSettings {
  /** Rules by name: their severity, or `off`. Rules of style are off unless they are named here. */
  readonly rules?: Readonly<Record<string, Severity | 'off'>>
  /** The lowest major version of the PostgreSQL servers that the revisions run on. Default is 13. */
  readonly server?: number
}

/**
 * The rules that are on, with the severities of the settings.
 *
 * @throws AludelError `ALUDEL_CONFIG` for a rule that does not exist
 */
export function chosenRules(all: readonly Rule[], { rules: chosen = {} }: LintSettings): readonly Rule[] {
  for (const name of Object.keys(chosen)) if (!all.some((rule) => rule.name === name)) throw unknownRule(all, name)
  return all.flatMap((rule) => {
    const severity = chosen[rule.name] ?? (rule.category === 'style' ? 'off' : rule.severity)
    return severity === 'off' ? [] : [{ ...rule, severity }]
  })
}

function unknownRule(all: readonly Rule[], name: string): AludelError {
  const names = all.map((rule) => rule.name)
  const [close] = nearest(name, names, 1)
  return new AludelError('ALUDEL_CONFIG', `lint.rules names a rule that does not exist: ${name}`, {
    help: `${close === undefined ? '' : `Did you mean ${close}? `}\`aludel migrate lint --list\` shows all of them.`,
    details: { keys: [`lint.rules.${name}`] },
  })
}
