import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'

/**
 * Runs in another process, whose standard input ends when this process does, by exit, signal or crash. No handler in this
 * process could cover all of these, and each would change how it ends.
 */
const watchScript = `
  const { readFileSync, rmSync } = require('node:fs')
  const folders = process.argv.slice(1)
  const pidIn = (folder) => {
    try { return Number(readFileSync(folder + '/server/data/postmaster.pid', 'utf8').split('\\n')[0]) } catch { return 0 }
  }
  const serverPid = () => Math.max(...folders.map(pidIn))
  let dismissed = false
  process.stdin.on('data', () => { dismissed = true })
  process.stdin.on('close', async () => {
    if (dismissed) return
    const pid = serverPid()
    try { if (pid > 1) process.kill(pid, 'SIGQUIT') } catch {}
    for (let tries = 0; tries < 100 && serverPid() > 0; tries++) await new Promise((resolve) => setTimeout(resolve, 50))
    for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  })
`

/** Starts a process that stops the server and deletes its folders when this process ends, unless it is dismissed. */
export function watch(folders: readonly string[]): { dismiss(): void } {
  const watcher = spawn(process.execPath, ['-e', watchScript, ...folders], {
    cwd: tmpdir(),
    env: {},
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    windowsHide: true,
  })
  // Without the watcher the folders are deleted only when this process ends normally.
  watcher.on('error', () => undefined)
  watcher.stdin.on('error', () => undefined)
  watcher.unref()
  const { stdin } = watcher
  if ('unref' in stdin && typeof stdin.unref === 'function') (stdin as unknown as { unref(): void }).unref()
  return { dismiss: () => watcher.stdin.end('done') }
}
