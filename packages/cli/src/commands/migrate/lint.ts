import { githubLines } from '../../output/lint/github'
import { sarifOf } from '../../output/lint/sarif'
import { printFindings, printRules } from '../../output/lint/text'
import { printTraces } from '../../output/lint/trace'
import { defineCommand, type Report } from '../../parser/command'
import { choice, flag, text } from '../../parser/options'
import { withMigrator } from '../../project/migrator'

export const command = defineCommand({
  positionals: [{ name: 'RANGE', describe: 'A:B, both ends inclusive, or a REV; default: all' }],
  options: {
    database: flag(
      'also ask the database: sizes of tables weigh in, and what was edited since it was applied is found',
    ),
    trace: flag(
      'also run them on a scratch database with sample rows, and measure each statement; with --database, foretell how long pending ones block others',
    ),
    since: text('REF', 'only revisions whose files are new since a branch, a tag or a commit of git'),
    format: choice(
      ['text', 'json', 'github', 'sarif'],
      'github: annotations of a pull request; sarif: a file for code scanning; default: text',
    ),
    list: flag('list the rules, and look at nothing'),
  },
  examples: [
    ['migrate lint head', 'what the newest revision blocks, loses and breaks; exit 3 at an error'],
    ['migrate lint --since origin/main', 'for pull requests: what the branch adds'],
    ['migrate lint current: --database', 'what is pending, with the sizes of the tables'],
    ['migrate lint head --trace', 'what its statements really lock, rewrite and read'],
    ['migrate lint current: --database --trace', 'how long what is pending would block whom'],
    ['migrate lint --format sarif > lint.sarif', 'a file for code scanning'],
    ['migrate lint --list', 'the rules, and their severities in this project'],
  ],
  async run(args, context): Promise<Report> {
    if (args.list) {
      const rules = await withMigrator(context, (migrator) => Promise.resolve(migrator.lintRules()))
      return { json: { rules }, human: (out) => printRules(rules, out) }
    }
    const { range, result, rules } = await withMigrator(context, async (migrator) => ({
      range: args.RANGE,
      result: await migrator.lint({ range: args.RANGE, since: args.since, database: args.database, trace: args.trace }),
      rules: args.format === 'sarif' ? migrator.lintRules() : [],
    }))
    return {
      json: result,
      exitCode: result.findings.some(({ severity }) => severity === 'error') ? 3 : 0,
      human: (out) => {
        if (args.format === 'json') out.raw(`${JSON.stringify(result, null, 2)}\n`)
        else if (args.format === 'github') out.raw(githubLines(result))
        else if (args.format === 'sarif') out.raw(`${JSON.stringify(sarifOf(result, rules), null, 2)}\n`)
        else {
          printTraces(result.traces ?? [], out)
          printFindings(result, out, range)
        }
      },
    }
  },
})
