import { commandsIn } from '../../postgres/commands'
import { changedType, checksOn } from '../../postgres/work'
import { defineRule } from '../../rule'

/** `ATPostAlterTypeCleanup`: https://github.com/postgres/postgres/blob/master/src/backend/commands/tablecmds.c */
export const typeChangeWithCheck = defineRule({
  id: 'W5',
  name: 'type-change-with-check',
  category: 'rewrites',
  severity: 'warning',
  about: 'Any change of a type checks every row again if a check mentions the column, even one that rewrites nothing.',
  postgres: {
    statement(subject) {
      return commandsIn(subject).flatMap((command) => {
        const { table } = command
        const changed = changedType(subject, command)
        // A rewrite reads every row anyway.
        if (changed === undefined || changed.change === 'rewrite') return []
        const checks = checksOn(subject.catalog, table, changed.column)
        if (checks.length === 0) return []
        return [
          {
            message: `changing the type of ${table.text}.${changed.column} checks every row by ${checks.join(', ')} while nobody can read or write ${table.text}`,
            help: `Drop ${checks.join(', ')} in the same revision, and add ${checks.length === 1 ? 'it' : 'them'} again NOT VALID. Validate in a later one.`,
            table: table.text,
            grows: true,
          },
        ]
      })
    },
  },
})
