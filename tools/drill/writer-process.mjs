import { spawn } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

/**
 * @param {string} dialect
 * @param {string} address
 */
export function startWriter(dialect, address) {
  const file = fileURLToPath(new URL('writer.mjs', import.meta.url))
  const child = spawn(process.execPath, [file, dialect, address], { stdio: ['pipe', 'pipe', 'inherit'] })
  let last = 0
  let rest = ''
  child.stdout.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    const number = Number(lines.at(-1))
    if (lines.length > 0 && Number.isInteger(number)) last = number
  })
  const exited = new Promise((resolve) => child.once('exit', resolve))
  return {
    last: () => last,
    /** @param {number} number */
    until: async (number) => {
      const started = performance.now()
      while (last < number) {
        if (performance.now() - started > 60_000) throw new Error('the writer does not write')
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },
    stop: async () => {
      child.stdin.end()
      await exited
    },
  }
}
