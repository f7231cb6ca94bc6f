import { printFindings } from '../../output/findings'
import { grouped, plural } from '../../output/format'
import { printKeptSummary } from '../../output/kept'
import { defineCommand } from '../../parser/command'
import { flag } from '../../parser/options'
import { withMigrator } from '../../project/migrator'

export const command = defineCommand({
  positionals: [],
  options: { 'check-heads': flag('exit 3 unless every head is applied') },
  examples: [
    ['migrate current', 'where the database is'],
    ['migrate current -v', 'also inconsistencies of its history and the files, and how to fix them'],
    ['migrate current --check-heads', 'for a health check: exit 0 or 3'],
  ],
  async run(args, context) {
    const { verbose } = context.globals
    const result = await withMigrator(context, (migrator) => migrator.current({ verbose }))
    return {
      json: result,
      exitCode: args['check-heads'] && !result.upToDate ? 3 : 0,
      human: (out) => {
        const { colors } = out
        if (result.current.length === 0) out.lines('base (nothing is applied)')
        for (const id of result.current)
          out.lines(`${colors.yellow(id)}${result.heads.includes(id) ? colors.green(' (head)') : ''}`)
        if (result.findings === undefined && result.halfway !== undefined)
          printFindings(result.halfway, out, context.cwd)
        if (result.findings?.length === 0) out.note(`${colors.green('✓')} The history and the files agree.`)
        if (result.findings !== undefined) printFindings(result.findings, out, context.cwd)
        else if (result.unknown.length > 0) out.warn(unknownText(result.unknown))
        for (const { revision, missing } of result.unfinished ?? [])
          out.warn(
            `only some of the revisions that ${revision} replaces are applied; it needs these files to finish: ${missing.join(', ')}`,
          )
        if (result.kept !== undefined) printKeptSummary(result.kept, out)
        if (result.pending === 0) return
        if (result.tables !== undefined) {
          out.note(...withoutHistory(result.tables, result.pending, colors.bold))
          return
        }
        out.note(
          `${plural(result.pending, 'revision')} pending. Next: ${colors.bold(`aludel migrate upgrade${result.heads.length > 1 ? ' heads' : ''}`)}`,
        )
      },
    }
  },
})

/** For tables of `synchronize`, by hand or of another tool. Only a comparison of schemas could tell whether they fit. */
function withoutHistory(tables: readonly string[], pending: number, bold: (text: string) => string): readonly string[] {
  const shown = tables.slice(0, 3).join(', ')
  const more = tables.length > 3 ? ` and ${grouped(tables.length - 3)} more` : ''
  return [
    `The database has ${plural(tables.length, 'table')} and no history: ${shown}${more}.`,
    `${plural(pending, 'revision')} pending. If revisions describe these tables, record that instead of running them:`,
    `  ${bold('aludel db init')} finds the revision that they match, and runs the later ones`,
    `  ${bold('aludel migrate stamp REV')} records the one that you name, after a comparison`,
    `If they belong to something else: ${bold('aludel migrate upgrade')}`,
  ]
}

/** For a database ahead of the files, which are of an older release or another branch. */
function unknownText(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ')
  const more = names.length > 3 ? ` and ${plural(names.length - 3, 'other')}` : ''
  return `the database has revisions with no matching file: ${shown}${more}`
}
