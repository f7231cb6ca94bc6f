import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { runInProcess } from '../../../../tools/testing/in-process'
import { aludelCommand, installation, modulesFolder } from '../../../../tools/testing/installed'

export {
  type DialectName as Dialect,
  dialectNames as dialects,
  makeDatabase,
  type TestDatabase,
} from '../../../../tools/testing/databases'

/**
 * Tests in this directory run the built command line on real databases: in this process, or in a separate one to test the
 * process itself (signals, kills, races, rights, pipes).
 */

export interface Ran {
  /** Null when a signal ended the process. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** Parses the document on standard output. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- declares the shape that the test expects
  json<T = Readonly<Record<string, unknown>>>(): T
}

export interface RunOptions {
  readonly cwd: string
  /** Variables in addition to PATH and HOME. */
  readonly env?: Readonly<Record<string, string>>
  /** Called with what was printed on standard error so far. */
  readonly onStderr?: (text: string) => void
}

export interface ProcessOptions extends Omit<RunOptions, 'onStderr'> {
  /** Runs as this user, which only root may. */
  readonly uid?: number
  /** Called with what was printed on standard error so far. */
  readonly onStderr?: (text: string, kill: (signal: NodeJS.Signals) => void) => void
}

/** Runs `aludel` in this process. Standard input and output are not terminals. */
export async function aludel(args: readonly string[], options: RunOptions): Promise<Ran> {
  const { cwd, onStderr } = options
  const heard = onStderr === undefined ? {} : { onStderr }
  return withJson(await runInProcess({ installation, argv: args, cwd, env: environment(options), ...heard }))
}

/** Runs `aludel` in a separate process and waits for its end. */
export function aludelProcess(args: readonly string[], options: ProcessOptions): Promise<Ran> {
  return execute(process.execPath, [aludelCommand, ...args], options)
}

/** Runs `aludel` with each of these arguments in turn, all in one separate process, optionally as another user. */
export async function aludelProcessOfMany(
  runs: readonly (RunOptions & { readonly args: readonly string[] })[],
  options: ProcessOptions,
): Promise<readonly Ran[]> {
  const given = runs.map((run) => ({ installation, argv: run.args, cwd: run.cwd, env: environment(run) }))
  const program = require.resolve('../../../../tools/testing/native-process.cjs')
  const ran = await execute(process.execPath, [program, JSON.stringify(given)], options)
  return ran.json<readonly Pick<Ran, 'code' | 'stdout' | 'stderr'>[]>().map(withJson)
}

/** Runs a program and waits for its end. Standard input is not a terminal. */
export function execute(program: string, args: readonly string[], options: ProcessOptions): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: environment(options),
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(options.uid === undefined ? {} : { uid: options.uid }),
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk))
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk
      options.onStderr?.(stderr, (signal) => child.kill(signal))
    })
    child.on('error', reject)
    child.on('close', (code) => resolve(withJson({ code, stdout, stderr })))
  })
}

function environment({ cwd, env }: Pick<RunOptions, 'cwd' | 'env'>): Readonly<Record<string, string>> {
  return { PATH: process.env['PATH'] ?? '', HOME: cwd, ...env }
}

function withJson(printed: Pick<Ran, 'code' | 'stdout' | 'stderr'>): Ran {
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as declared above
  const json = <T>(): T => {
    try {
      return JSON.parse(printed.stdout) as T
    } catch {
      const { code, stdout, stderr } = printed
      throw new Error(`no JSON on standard output (exit ${String(code)}):\n${stdout}\n${stderr}`)
    }
  }
  return { ...printed, json }
}

/** The configuration of a project with the shipped entities and revisions. */
export const shippedConfig = { 'aludel.config.json': '{ "shipped": true }\n' } as const

/** Creates a directory with these files, in which `typeorm` and the drivers can be imported. */
export function makeDirectory(files: Readonly<Record<string, string>> = {}): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'aludel-cli-'))
  symlinkSync(modulesFolder, path.join(directory, 'node_modules'), 'dir')
  writeFiles(directory, files)
  return directory
}

export function writeFiles(directory: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(directory, name)), { recursive: true })
    writeFileSync(path.join(directory, name), text)
  }
}

export function removeDirectory(directory: string): void {
  if (existsSync(directory)) rmSync(directory, { recursive: true, force: true })
}
