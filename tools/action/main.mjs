// The program of the GitHub Action (action.yml): runs the checks and the plan, writes the report to the summary of the job and into a
// comment of the pull request, and exits with 1 unless everything is clean. It needs nothing but Node.
import { randomBytes } from 'node:crypto'
import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { annotations, runChecks, runPlan, wordsOf } from './commands.mjs'
import { changedFiles, GitHub, writeComment } from './github.mjs'
import { isClean, report } from './report.mjs'

const { env } = process
const directory = process.cwd()
const command = wordsOf(env['ALUDEL_COMMAND'] ?? 'npx --no-install aludel')
const more = wordsOf(env['ALUDEL_ARGS'] ?? '')

const { number, since } = pullRequest()
const github =
  number === undefined || !env['GITHUB_TOKEN']
    ? undefined
    : new GitHub({
        api: env['GITHUB_API_URL'] ?? 'https://api.github.com',
        repository: env['GITHUB_REPOSITORY'] ?? '',
        token: env['GITHUB_TOKEN'],
      })

const runner = { command, more, directory }
const checks = await runChecks(runner, wordsOf(env['ALUDEL_CHECKS'] ?? 'check heads lint'), since)
const plan = env['ALUDEL_PLAN'] === 'false' ? undefined : await runPlan(runner)
const required = env['ALUDEL_PLAN'] === 'true'
const files = github && number !== undefined ? await changedFiles(github, number).catch(warn) : undefined
const clean = isClean(checks) && !(required && plan !== undefined && 'error' in plan)
const markdown = report({ checks, plan, changed: files })

const path = join(mkdtempSync(join(env['RUNNER_TEMP'] ?? '/tmp', 'aludel-')), 'report.md')
writeFileSync(path, markdown)
if (env['GITHUB_STEP_SUMMARY']) appendFileSync(env['GITHUB_STEP_SUMMARY'], markdown)
if (env['GITHUB_OUTPUT']) appendFileSync(env['GITHUB_OUTPUT'], `clean=${clean}\nreport=${path}\n`)
// A line of the project that looks like a command to the runner is none.
const pause = randomBytes(16).toString('hex')
console.log(`::stop-commands::${pause}\n${markdown}\n::${pause}::`)
for (const line of await annotations(runner, checks)) console.log(line)

// The token of a pull request from a fork may only read: the summary of the job has the same report.
if (github && number !== undefined && env['ALUDEL_COMMENT'] !== 'false') {
  await writeComment(github, number, markdown).catch(warn)
}
process.exitCode = clean ? 0 : 1

/** @returns {{ number?: number, since?: string }} the pull request that started this workflow, and the commit from which it starts */
function pullRequest() {
  if (!env['GITHUB_EVENT_PATH']) return {}
  const event = JSON.parse(readFileSync(env['GITHUB_EVENT_PATH'], 'utf8'))
  return { number: event.pull_request?.number, since: event.pull_request?.base?.sha }
}

/** @param {unknown} error */
function warn(error) {
  console.log(`::warning title=Aludel::${error instanceof Error ? error.message.replaceAll('\n', ' ') : String(error)}`)
  return undefined
}
