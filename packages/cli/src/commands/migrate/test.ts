import { githubLines } from '../../output/tests/github'
import { hostileGithubLines, printHostile } from '../../output/tests/hostile'
import { printTests, printWritten } from '../../output/tests/text'
import { defineCommand, type Report } from '../../parser/command'
import { choice, flag, text } from '../../parser/options'
import { withMigrator } from '../../project/migrator'

export const command = defineCommand({
  positionals: [{ name: 'RANGE', describe: 'A:B, both ends inclusive, or a REV; default: all' }],
  options: {
    create: flag('write a first test beside a revision, with sample rows; default: the head'),
    only: text('TEXT', 'only tests whose title, file or revision contains this'),
    hostile: choice(
      ['auto', 'only', 'never'],
      'rows that the schema allows and a revision may not expect; default: auto, with the tests, for RANGE or the heads',
    ),
    format: choice(['text', 'github'], 'github: annotations of a pull request; default: text'),
  },
  examples: [
    ['migrate test', 'run the tests beside all revisions, on every database of the project; exit 3 if one fails'],
    ['migrate test head', 'those of the newest revision'],
    ['migrate test head --create', 'write a first test beside the newest revision'],
    ['migrate test current: --hostile only', 'what rows of production could do to pending revisions'],
    ['migrate test --only "names of users"', 'one test, by a part of its title'],
  ],
  async run(args, context): Promise<Report> {
    if (args.create) {
      const written = await withMigrator(context, (migrator) => migrator.writeTest(args.RANGE ?? 'head'))
      return { json: { written }, human: (out) => printWritten(written, out, context.cwd) }
    }
    // Who asks for one test waits for nothing else.
    const { hostile = args.only === undefined ? 'auto' : 'never' } = args
    const result = await withMigrator(context, (migrator) =>
      migrator.test({
        range: args.RANGE,
        only: args.only,
        hostile: hostile === 'only' ? 'only' : hostile === 'auto',
      }),
    )
    const isFailed =
      result.tests.some(({ outcome }) => outcome === 'failed') ||
      result.hostile?.findings.some(({ severity }) => severity === 'error') === true
    return {
      json: result,
      exitCode: isFailed ? 3 : 0,
      human: (out) => {
        if (args.format === 'github') {
          out.raw(githubLines(result) + (result.hostile === undefined ? '' : hostileGithubLines(result.hostile)))
          return
        }
        if (hostile !== 'only') printTests(result, out)
        if (result.hostile !== undefined) printHostile(result.hostile, out)
      },
    }
  },
})
