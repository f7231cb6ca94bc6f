// Tests that two commands in one checkout do not install, build or test at the same time.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { after, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { root } from '../lib/process.mjs'

const folder = mkdtempSync(join(tmpdir(), 'aludel-lock-'))
after(() => rmSync(folder, { recursive: true }))

/**
 * A process that does some work under a lock.
 *
 * @param {string} work the body of an async function
 */
function locked(work) {
  const script = `import { appendFileSync, existsSync } from 'node:fs'
    import { setTimeout as wait } from 'node:timers/promises'
    import { withLock } from ${JSON.stringify(join(root, 'tools/lib/lock.mjs'))}
    await withLock('selftest', async () => { ${work} })`
  return spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
}

/** @param {string} file */
async function appears(file) {
  while (!existsSync(file)) await wait(10)
}

describe('a lock of the checkout', () => {
  test('lets processes work one after the other, and names the one that holds it', async () => {
    const log = join(folder, 'log')
    const go = join(folder, 'go')
    const note = (/** @type {string} */ text) => `appendFileSync(${JSON.stringify(log)}, ${JSON.stringify(text)});`
    const first = locked(`${note('a')} while (!existsSync(${JSON.stringify(go)})) await wait(10); ${note('b')}`)
    await appears(log)
    const second = locked(note('c'))
    const [said] = await once(second.stdout.setEncoding('utf8'), 'data')
    assert.match(said, new RegExp(`^Waiting for process ${first.pid}: it holds .cache.selftest.lock`))
    assert.equal(readFileSync(log, 'utf8'), 'a')
    writeFileSync(go, '')
    await Promise.all([once(first, 'exit'), once(second, 'exit')])
    assert.equal(readFileSync(log, 'utf8'), 'abc')
    assert.equal(existsSync(join(root, '.cache/selftest.lock')), false)
  })

  test('is ignored if its process was killed', async () => {
    const begun = join(folder, 'begun')
    const killed = locked(`appendFileSync(${JSON.stringify(begun)}, ''); await wait(600_000)`)
    await appears(begun)
    killed.kill('SIGKILL')
    await once(killed, 'exit')
    const next = locked('')
    assert.deepEqual(await once(next, 'exit'), [0, null])
  })
})

test('a build does not touch files that are up to date, since another process may use them', () => {
  const built = ['dist/index.js', 'dist/bundle/index.js'].map((file) => join(root, 'packages/engine', file))
  const marks = () => built.map((file) => [statSync(file).ino, statSync(file).mtimeMs])
  const before = marks()
  const { status } = spawnSync(process.execPath, ['tools/build.mjs'], { cwd: root })
  assert.equal(status, 0)
  assert.deepEqual(marks(), before)
})
