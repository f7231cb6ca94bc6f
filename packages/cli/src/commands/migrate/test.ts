import { githubLines } from '../../output/tests/github'
import { printTests, printWritten } from '../../output/tests/text'
import { defineCommand, type Report } from '../../parser/command'
import { choice, flag, text } from '../../parser/options'
import { withMigrator } from '../../project/migrator'

export const command = defineCommand({
  positionals: [{ name: 'RANGE', describe: 'A:B, both ends inclusive, or a REV; default: all' }],
  options: {
    create: flag('write a first test beside a revision, with sample rows; default: the head'),
    only: text('TEXT', 'only tests whose title, file or revision contains this'),
    format: choice(['text', 'github'], 'github: annotations of a pull request; default: text'),
  },
  examples: [
    ['migrate test', 'run the tests beside all revisions, on every database of the project; exit 3 if one fails'],
    ['migrate test head', 'those of the newest revision'],
    ['migrate test head --create', 'write a first test beside the newest revision'],
    ['migrate test --only "names of users"', 'one test, by a part of its title'],
  ],
  async run(args, context): Promise<Report> {
    if (args.create) {
      const written = await withMigrator(context, (migrator) => migrator.writeTest(args.RANGE ?? 'head'))
      return { json: { written }, human: (out) => printWritten(written, out, context.cwd) }
    }
    const result = await withMigrator(context, (migrator) => migrator.test({ range: args.RANGE, only: args.only }))
    return {
      json: result,
      exitCode: result.tests.some(({ outcome }) => outcome === 'failed') ? 3 : 0,
      human: (out) => {
        if (args.format === 'github') out.raw(githubLines(result))
        else printTests(result, out)
      },
    }
  },
})
