// Tests the server that all tests use.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'
import { test } from 'node:test'
import pg from 'pg'
import { root } from '../lib/process.mjs'

/** @param {string} url */
async function versionOf(url) {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return (await client.query('SHOW server_version')).rows[0].server_version
  } finally {
    await client.end()
  }
}

test('starts a server that requires the password, and stops it on SIGTERM', async (t) => {
  const child = spawn(process.execPath, [join(root, 'tools', 'postgres.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  const [line] = await once(child.stdout.setEncoding('utf8'), 'data')
  const url = line.trim().replace('export ALUDEL_TEST_POSTGRES_URL=', '')
  assert.match(await versionOf(url), /^\d+/)
  await assert.rejects(versionOf(url.replace(/:[^:@]*@/, ':wrong@')), /password authentication failed/)
  child.kill('SIGTERM')
  assert.deepEqual(await once(child, 'exit'), [0, null])
  await assert.rejects(versionOf(url), /ECONNREFUSED/)
})
