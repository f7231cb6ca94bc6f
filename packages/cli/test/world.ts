import { PassThrough } from 'node:stream'

import { main } from '../src/main'

/** The exit code and output of one run of the command line. */
export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs the command line in this process, with streams that are not terminals. */
export async function run(
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd = process.cwd(),
): Promise<Ran> {
  const stdout = collector()
  const stderr = collector()
  const code = await main(argv, {
    stdin: new PassThrough(),
    stdout: stdout.stream,
    stderr: stderr.stream,
    env,
    cwd,
    exit: (exitCode) => {
      throw new Error(`ended with ${String(exitCode)}`)
    },
  })
  return { code, stdout: stdout.text(), stderr: stderr.text() }
}

/** A stream, and a function that returns the text written to it. */
export function collector(properties: { readonly isTTY?: boolean; readonly columns?: number } = {}) {
  const chunks: string[] = []
  const stream = Object.assign(new PassThrough(), properties)
  stream.on('data', (chunk: Buffer) => chunks.push(chunk.toString()))
  return {
    stream,
    text: (): string => {
      for (let chunk = stream.read() as Buffer | null; chunk !== null; chunk = stream.read() as Buffer | null)
        chunks.push(chunk.toString())
      return chunks.join('')
    },
  }
}
