/**
 * Runs command lines one after another in this process, and prints their results as a JSON array. It is for tests that need, for
 * example, another user, but not a process for each command.
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
