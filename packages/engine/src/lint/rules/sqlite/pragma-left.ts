import { readPragma } from '../../../sql/sqlite/pragmas'
import type { Found } from '../../finding'
import { defineRule } from '../../rule'
import { isOn } from '../../sqlite/statement'
import { readStatement } from '../../sqlite/statements'
import { isInside, ownTransactions } from '../../transactions'

/** Switches of a connection that change what its statements do, with their usual position. */
const usual: Readonly<Record<string, boolean>> = {
  foreign_keys: true,
  ignore_check_constraints: false,
  legacy_alter_table: false,
  query_only: false,
  recursive_triggers: false,
  reverse_unordered_selects: false,
  writable_schema: false,
}

/** What a run switches back at its end. */
const restored: readonly string[] = ['foreign_keys', 'legacy_alter_table']

/** https://sqlite.org/pragma.html: they belong to the connection, and a rollback does not change them. */
export const pragmaLeft = defineRule({
  id: 'Q10',
  name: 'pragma-left',
  category: 'sqlite',
  severity: 'warning',
  about: 'A pragma that a revision switches stays so for the connection, also after a failure. Switch it back.',
  sqlite: {
    step(step, subjects) {
      const transactions = ownTransactions(step.statements ?? [], true)
      const last = new Map<string, { readonly value: boolean; readonly index: number }>()
      for (const subject of subjects) {
        const { index } = subject
        const pragma = readStatement(subject, (cursor) => (cursor.take('PRAGMA') ? readPragma(cursor) : undefined))
        if (pragma?.value === undefined) continue
        // In a transaction, it does nothing.
        const isIgnored = pragma.name === 'foreign_keys' && (step.transactional || isInside(transactions, index))
        if (!isIgnored) last.set(pragma.name, { value: isOn(pragma.value), index })
      }
      return [...last].flatMap(([name, { value, index }]): readonly Found[] => {
        const expected = usual[name]
        if (expected === undefined || expected === value) return []
        const left = `${name} is left ${value ? 'on' : 'off'}`
        return [
          restored.includes(name)
            ? {
                message: `${left}: this tool switches it back at the end of a run, and other runners do not`,
                help: `End with PRAGMA ${name} = ${expected ? 'ON' : 'OFF'}.`,
                index,
                severity: 'info',
              }
            : {
                message: `${left} for whoever uses the connection next, such as the application at its start`,
                help: `End with PRAGMA ${name} = ${expected ? 'ON' : 'OFF'}.`,
                index,
              },
        ]
      })
    },
  },
})
