/**
 * Runs command lines one after another in this process, and prints what each of them did as a JSON array: for tests that need
 * another user or the like, but not a process for each command.
 *
 * `node native-process.cjs '[{ "installation": "…", "argv": ["migrate", "current"], "cwd": "…", "env": {} }]'`
 */
const process = require('node:process')
const { runCommandLine } = require('./native.cjs')

async function main() {
  const printed = []
  for (const run of JSON.parse(process.argv[2] ?? '[]')) printed.push(await runCommandLine(run))
  process.stdout.write(JSON.stringify(printed))
}

void main()
