import path from 'node:path'

import { loadDialect } from '../../../src/dialect/registry'
import { writtenStatements } from '../../../src/execution/written'
import { readRevisions } from '../../../src/files/read'
import type { Category, LintStep } from '../../../src/lint/rule'
import { rules } from '../../../src/lint/rules'
import type { Direction, Revision } from '../../../src/revision/revision'

const directory = path.join(__dirname, '../../../../migrations/src/revisions')

/** What the rules of a category find in all shipped revisions, as `rule: message`. */
async function foundBy(category: Category): Promise<readonly string[]> {
  const dialect = loadDialect('postgres')
  const linter = await dialect.lint.linter({
    rules: rules.filter((rule) => rule.category === category),
    rows: () => undefined,
  })
  const stepOf = async (revision: Revision, direction: Direction): Promise<LintStep> => {
    const written = await writtenStatements(revision, direction, dialect, 'postgres')
    const statements = 'statements' in written ? written.statements : null
    return {
      revision: revision.id,
      direction,
      statements,
      transactional: true,
      declaresOutside: false,
      generated: true,
    }
  }
  const found: string[] = []
  const { revisions } = await readRevisions([directory])
  for (const revision of revisions)
    for (const direction of ['upgrade', 'downgrade'] as const)
      for (const { rule, message } of linter.lint(await stepOf(revision, direction)))
        found.push(`${rule.name}: ${message}`)
  return found
}

describe('the shipped revisions', () => {
  test.each(['compatibility', 'rows', 'hygiene'] as const)('have nothing that a rule of %s finds', async (category) => {
    expect(await foundBy(category)).toEqual([])
  })

  test('have what some rules of style are about', async () => {
    const found = await foundBy('style')
    const names = new Set(found.map((one) => one.slice(0, one.indexOf(':'))))
    expect([...names].toSorted()).toEqual([
      'column-alignment',
      'enum-type',
      'foreign-key-without-index',
      'unqualified-name',
      'varchar-limit',
    ])
    expect(found).toContain(
      'foreign-key-without-index: deleting a row that constraint fk_validation_results_parent_validation_id references ' +
        'reads all of validation_results, because no index begins with parent_validation_id',
    )
  })
})
