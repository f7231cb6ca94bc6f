import { bytes, grouped, revisionIds } from '../../output/format'
import { printKeptSummary } from '../../output/kept'
import { leftoverLines } from '../../output/leftovers'
import { columns } from '../../output/table'
import { defineCommand } from '../../parser/command'
import { withMigrator } from '../../project/migrator'

export const command = defineCommand({
  positionals: [],
  options: {},
  examples: [['db info', 'its name and version, and its tables with rows and sizes']],
  async run(_args, context) {
    const result = await withMigrator(context, (migrator) => migrator.info())
    return {
      json: result,
      human: (out) => {
        const { colors } = out
        const { database, current, upToDate, halfway = [], leftovers = [], tables } = result
        const state = halfway.length > 0 ? 'a run is unfinished' : upToDate ? 'up to date' : 'not up to date'
        out.lines(
          ...columns([
            [
              colors.dim('database'),
              `${database.name} (${database.dialect}${database.version === undefined ? '' : ` ${database.version}`})`,
            ],
            [
              colors.dim('revision'),
              `${colors.yellow(revisionIds(current))} ${(upToDate ? colors.green : colors.yellow)(`(${state})`)}`,
            ],
            [colors.dim('tables'), String(tables.length)],
          ]),
        )
        if (tables.length > 0) {
          const rows = tables.map((table) => [
            table.name,
            grouped(table.rows),
            table.bytes === null ? '' : bytes(table.bytes),
          ])
          const header = ['table', 'rows', 'size'].map((title) => colors.dim(title))
          out.lines('', ...columns([header, ...rows], ['left', 'right', 'right']))
        }
        if (result.kept !== undefined) {
          out.note('')
          printKeptSummary(result.kept, out)
        }
        if (leftovers.length > 0) out.note('', ...leftoverLines(leftovers, context.cwd))
        // With tables and no history, an upgrade is rarely the next step; `current` explains what is.
        const other = current.length === 0 && tables.length > 0 ? 'current' : 'upgrade'
        const next = halfway[0]?.mend[0] ?? `aludel migrate ${other}`
        if (!upToDate) out.note('', `Next: ${colors.bold(next)}`)
      },
    }
  },
})
