import { bodiesIn, bodyOf } from '../../../sql/postgres/nodes'
import type { Found } from '../../finding'
import { commandsIn } from '../../postgres/commands'
import { type AlterText, alterText } from '../../postgres/rewrite'
import type { PostgresSubject } from '../../postgres/subject'
import { costOf } from '../../postgres/work'
import { defineRule } from '../../rule'

/** https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES */
export const repeatedAlters = defineRule({
  id: 'L22',
  name: 'repeated-alters',
  category: 'locks',
  severity: 'info',
  about: 'Each ALTER TABLE that reads or rewrites all rows does so again. Several commands in one do it once.',
  postgres: {
    step: (_, subjects) =>
      chainsOf(subjects).flatMap((chain): readonly Found[] => {
        const [first] = chain
        const last = chain.at(-1)
        if (first === undefined || last === undefined || first === last) return []
        const { table } = first
        return [
          {
            message: `${chain.length === 2 ? 'two' : String(chain.length)} statements in a row read all rows of ${table}, where one would do`,
            help: 'Put their commands into one ALTER TABLE.',
            instead: [`${first.head} ${chain.flatMap(({ commands }) => commands).join(', ')}`],
            table,
            grows: true,
            index: last.index,
          },
        ]
      }),
  },
})

/** An ALTER TABLE that reads or rewrites all rows. */
interface Reading extends AlterText {
  readonly table: string
  readonly index: number
}

/** Statements in a row that alter the same table. One between them may prepare the rows. */
function chainsOf(subjects: readonly PostgresSubject[]): readonly (readonly Reading[])[] {
  const chains: Reading[][] = [[]]
  for (const subject of subjects) {
    const one = readingOf(subject)
    const chain = chains.at(-1)
    if (one !== undefined && chain !== undefined && (chain[0] === undefined || chain[0].head === one.head))
      chain.push(one)
    else chains.push(one === undefined ? [] : [one])
  }
  return chains
}

function readingOf(subject: PostgresSubject): Reading | undefined {
  const commands = commandsIn(subject)
  const text = alterText(subject.sql)
  const table = commands[0]?.table.text
  // What is known after the step does not show what a statement found, and what is known before it shows nearly all of it.
  const found = { ...subject, catalog: subject.before }
  return table !== undefined &&
    text !== undefined &&
    commands.some((one) => isShared(subject, one.command.subtype, costOf(found, one)))
    ? { ...text, table, index: subject.index }
    : undefined
}

/** Work that several commands share: one scan, or one rewrite. Each index, and each foreign key, is work of its own. */
function isShared(
  subject: PostgresSubject,
  subtype: string | undefined,
  cost: 'scan' | 'rewrite' | undefined,
): boolean {
  if (cost === 'rewrite') return true
  if (cost === undefined) return false
  return subtype === 'AT_SetNotNull' || (subtype === 'AT_AddConstraint' && addsCheck(subject))
}

function addsCheck({ node }: PostgresSubject): boolean {
  return bodiesIn(bodyOf(node, 'AlterTableStmt')?.cmds, 'AlterTableCmd').some(({ def }) => {
    const constraint = bodyOf(def, 'Constraint')
    return constraint?.contype === 'CONSTR_CHECK' && constraint.skip_validation !== true
  })
}
