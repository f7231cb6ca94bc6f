// Reports what the packages export as text in their etc/ folders: `node tools/api.mjs` writes the reports, and with `--check` it
// compares them, so that a change of the public surface shows up in review; the same
// for the JSON schemas of the configuration and of the HTTP API, and for the rules in docs/lint.md. The packages must be built.
import { join, relative } from 'node:path'
import process from 'node:process'
import { apiReports } from './lib/api.mjs'
import { configSchemaReport } from './lib/config-schema.mjs'
import { lintRulesReport } from './lib/lint-rules.mjs'
import { packageNames } from './lib/nx.mjs'
import { root, run } from './lib/process.mjs'
import { webSchemasReport } from './lib/web-schemas.mjs'

const accept = !process.argv.includes('--check')
const options = { accept, scratch: join(root, '.cache', 'api') }
const reports = [
  ...apiReports(
    packageNames.map((name) => join(root, 'packages', name)),
    options,
  ),
  // The command line has a copy for projects that install nothing else: pnpm hides the packages that a project does not name.
  ...['engine', 'cli'].map((name) =>
    configSchemaReport(join(root, 'packages', 'engine'), {
      ...options,
      file: join(root, 'packages', name, 'config.schema.json'),
    }),
  ),
  webSchemasReport(join(root, 'packages', 'web'), options),
  await lintRulesReport(join(root, 'packages', 'engine'), { ...options, file: join(root, 'docs', 'lint.md') }),
]
for (const { file, built, changed, problems } of reports) {
  for (const problem of problems) {
    console.error(`error: ${problem}`)
    process.exitCode = 1
  }
  if (!changed) continue
  const name = relative(root, file)
  if (accept) {
    console.log(`wrote ${name}`)
    continue
  }
  console.error(`error: the package differs from ${name}.`)
  console.error('If you mean this change, accept it with `npm run api` and commit the file:\n')
  await run('git', ['diff', '--no-index', '--', name, relative(root, built)])
  process.exitCode = 1
}
