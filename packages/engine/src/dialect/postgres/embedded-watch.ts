import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'

/**
 * Runs in a process of its own: its standard input ends when this process does, by exit, signal or crash. No handler
 * here could see to all of these, and each would change how this process ends.
 */
const watchScript = `
  const { readFileSync, rmSync } = require('node:fs')
  const directory = process.argv[1]
  const serverPid = () => {
    try { return Number(readFileSync(directory + '/server/data/postmaster.pid', 'utf8').split('\\n')[0]) } catch { return 0 }
  }
  let dismissed = false
  process.stdin.on('data', () => { dismissed = true })
  process.stdin.on('close', async () => {
    if (dismissed) return
    const pid = serverPid()
    try { if (pid > 1) process.kill(pid, 'SIGQUIT') } catch {}
    for (let tries = 0; tries < 100 && serverPid() > 0; tries++) await new Promise((resolve) => setTimeout(resolve, 50))
    rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  })
`

/** Starts to watch over a directory with a server in it, until it is dismissed. */
export function watch(directory: string): { dismiss(): void } {
  const watcher = spawn(process.execPath, ['-e', watchScript, directory], {
    cwd: tmpdir(),
    env: {},
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    windowsHide: true,
  })
  // Without it the directory is deleted only where this process ends as it should.
  watcher.on('error', () => undefined)
  watcher.stdin.on('error', () => undefined)
  watcher.unref()
  const { stdin } = watcher
  if ('unref' in stdin && typeof stdin.unref === 'function') (stdin as unknown as { unref(): void }).unref()
  return { dismiss: () => watcher.stdin.end('done') }
}
