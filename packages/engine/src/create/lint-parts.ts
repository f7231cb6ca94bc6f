import type { DialectName } from '../dialect/registry'
import { merged, type OnDialect, reported } from '../lint/report'
import { rules } from '../lint/rules'
import { chosenRules } from '../lint/settings'
import type { MigratorContext } from '../project/context'
import type { CreateResult } from '../results'
import type { ProvedPart } from './proved-parts'

/**
 * What the rules of `lint` find in the files that `create` writes. The schema before them is known, so no other revision is read.
 *
 * @returns nothing where there is nothing to find
 * @throws AludelError `ALUDEL_CONFIG` for settings that name no rule
 */
export async function lintParts(
  context: MigratorContext,
  parts: readonly ProvedPart[],
): Promise<Pick<CreateResult, 'findings'>> {
  const { lint = {} } = context.options
  const chosen = chosenRules(rules, lint)
  const found: OnDialect<DialectName>[] = []
  for (const { dialect, from } of parts[0]?.diffs ?? []) {
    const { name } = dialect
    const linter = await dialect.lint.linter({ rules: chosen, rows: () => undefined, from, server: lint.server })
    for (const [number, { bodies, transactional }] of parts.entries())
      for (const direction of ['upgrade', 'downgrade'] as const) {
        const method = direction === 'upgrade' ? 'up' : 'down'
        const step = {
          revision: String(number),
          direction,
          statements: (bodies[name]?.[method] ?? []).map(({ sql }) => sql),
          transactional,
          declaresOutside: !transactional,
          generated: true,
        }
        found.push(...linter.lint(step).map((one) => ({ ...one, dialect: name, direction })))
      }
  }
  const findings = merged<DialectName, OnDialect<DialectName>>(found).map(reported)
  return findings.length === 0 ? {} : { findings }
}
