// The first file of `npm start`, `npm test` and `npm run test:all|bench|drill|fuzz|faults|servers|screenshots`. It runs before anything
// is installed, on any version of Node, so it imports only Node's own modules, and other files only after it has checked the version.
import { readFileSync } from 'node:fs'
import process from 'node:process'

const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))

/**
 * Whether a Node version is in a range of the form that package.json uses: `^20.19.0 || ^22.13.0 || >=24.11.0`.
 * (The `semver` package is not installed yet at this point.)
 *
 * @param {string} version for example `20.20.2`
 * @param {string} range alternatives of `^x.y.z` or `>=x.y.z`
 */
function satisfies(version, range) {
  const numbers = (/** @type {string} */ text) =>
    text
      .replace(/^[^0-9]*/, '')
      .split('.')
      .map(Number)
  const [major = 0, minor = 0, patch = 0] = numbers(version)
  return range.split('||').some((alternative) => {
    const [wantedMajor = 0, wantedMinor = 0, wantedPatch = 0] = numbers(alternative.trim())
    const newEnough = minor > wantedMinor || (minor === wantedMinor && patch >= wantedPatch)
    if (major === wantedMajor) return newEnough
    return alternative.trim().startsWith('>=') && major > wantedMajor
  })
}

const command = process.argv[2]
if (!satisfies(process.versions.node, engines.node)) {
  console.error(`error: this is Node ${process.versions.node}; Aludel needs ${engines.node}`)
  console.error('Install a newer Node (https://nodejs.org, or your version manager), then run the same command again.')
  process.exitCode = 1
} else if (
  command !== undefined &&
  ['start', 'test', 'test-all', 'bench', 'drill', 'fuzz', 'faults', 'servers', 'screenshots'].includes(command)
) {
  const { main } = await import(`./commands/${command}.mjs`)
  process.exitCode = await main(process.argv.slice(3))
} else {
  console.error('usage: node tools/bootstrap.mjs start|test|test-all|bench|drill|fuzz|faults|servers|screenshots')
  process.exitCode = 2
}
