// Runs the command blocks of documents, as a reader would type them: `node tools/docs/run-docs.mjs [file …]`.
// CONTRIBUTING.md describes the directives that a document can give for its blocks.
import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import process from 'node:process'
import pg from 'pg'
import { projectFiles } from '../lib/files.mjs'
import { isProgram, root } from '../lib/process.mjs'
import { withPostgres } from '../lib/run-tests.mjs'
import { aludelCommandsOf, commandsOf, missingLine, parseDocument } from './parse.mjs'
import { gitEnvironment, Workspaces } from './workspace.mjs'

/** @typedef {import('./parse.mjs').Block} Block */

/**
 * @typedef {object} Terminal
 * @property {string} folder the workspace
 * @property {import('./warm.mjs').WarmCommandLine | undefined} aludel
 * @property {() => void} close gives the workspace back
 * @property {string} state a folder for the state that a terminal keeps between commands: its folder and exported variables
 */

/** Contains faster replacements of some commands; each describes itself. */
const shims = join(import.meta.dirname, 'bin')
const commandTimeout = 300_000
/** The document whose commands start the embedded PostgreSQL, as they do in a reader's own clone. */
const embedded = 'README.md'
const documents = /^(?:README\.md|CONTRIBUTING\.md|docs\/.*\.md|(?:packages|examples)\/[^/]+\/README\.md)$/

/** @returns {string[]} the documents of the project whose blocks are run, relative to its root */
export function projectDocuments() {
  return projectFiles().filter((path) => documents.test(path))
}

/** Runs the blocks of one document in one terminal, in order. */
export class Reader {
  /** @type {Map<string, string>} */
  #databases = new Map()
  /**
   * Process groups of finished commands that left processes running.
   *
   * @type {Set<number>}
   */
  #left = new Set()
  #kind
  #workspaces
  /** @type {Terminal | undefined} */
  #terminal

  /**
   * @param {string} name of the document, for messages
   * @param {string} markdown
   * @param {Workspaces} workspaces where it is run; one document at a time
   */
  constructor(name, markdown, workspaces) {
    this.name = name
    const { workspace, blocks } = parseDocument(markdown)
    this.blocks = blocks
    this.#kind = workspace
    this.#workspaces = workspaces
  }

  /** Opens the terminal with the first command, so that a document without commands costs nothing. */
  get #opened() {
    if (this.#terminal) return this.#terminal
    const workspace = this.#workspaces.open(this.#kind, { embedded: this.name === embedded })
    const state = mkdtempSync(join(tmpdir(), 'aludel-docs-state-'))
    writeFileSync(join(state, 'folder'), workspace.folder)
    return (this.#terminal = { ...workspace, state })
  }

  /**
   * Runs one block, or writes its file.
   *
   * @param {Block} block
   * @throws {Error} naming document and line, the command, and what it printed
   */
  async run(block) {
    const { directives, text, line } = block
    const { folder, state } = this.#opened
    const inWorkspace = (/** @type {string} */ path) => {
      const target = resolve(folder, path)
      mkdirSync(dirname(target), { recursive: true })
      return target
    }
    const file = directives.get('file')
    const append = directives.get('append')
    if (file !== undefined) return writeFileSync(inWorkspace(file), text)
    if (append !== undefined) return appendFileSync(inWorkspace(append), text)
    if (directives.has('patch')) {
      writeFileSync(join(state, 'patch'), text)
      return this.#expect({ line, text: `git apply "${join(state, 'patch')}"`, output: undefined }, 0, {})
    }
    const revision = directives.get('edit-revision')
    if (revision !== undefined) return editRevision(folder, revision, text)
    const postgres = directives.get('postgres')
    const env = postgres === undefined ? {} : { DATABASE_URL: await this.#database(postgres) }
    const commands = commandsOf(block)
    for (const [index, command] of commands.entries()) {
      const code = index === commands.length - 1 ? Number(directives.get('exit') ?? 0) : 0
      await this.#expect(command, code, env)
    }
  }

  /**
   * @param {import('./parse.mjs').Command} command
   * @param {number} code
   * @param {NodeJS.ProcessEnv} env
   */
  async #expect(command, code, env) {
    const result = (await this.#runAludel(command, env)) ?? (await this.#type(command, env))
    const complain = (/** @type {string} */ what) =>
      new Error(`${this.name}:${command.line}: ${what}\n$ ${command.text.trim()}\n${result.output}`)
    if (result.code !== code) throw complain(`exit code ${result.code}, expected ${code}`)
    const missing = command.output && missingLine(command.output, result.output)
    if (missing !== undefined) throw complain(`not printed: ${missing}`)
  }

  /**
   * Runs a command in the process that has already loaded the command line, if that makes no difference.
   *
   * @param {import('./parse.mjs').Command} command
   * @param {NodeJS.ProcessEnv} env
   * @returns {Promise<import('./warm.mjs').Result | undefined>} `undefined` if the command needs a shell
   */
  async #runAludel(command, env) {
    const { aludel, folder, state } = this.#opened
    const commands = aludelCommandsOf(command.text)
    if (!aludel || !commands || readFileSync(join(state, 'folder'), 'utf8').trim() !== folder) return undefined
    const all = { ...variablesOf(folder, state), ...env }
    const result = { code: /** @type {number | string} */ (0), output: '' }
    for (const argv of commands) {
      const { code, output } = await aludel.run(argv, folder, all, commandTimeout)
      const shown = commands.length > 1 ? `+ npx aludel ${argv.join(' ')}\n${output}` : output
      Object.assign(result, { code, output: `${result.output}\n${shown}`.trim() })
      if (code !== 0) break
    }
    return result
  }

  /**
   * @param {import('./parse.mjs').Command} command
   * @param {NodeJS.ProcessEnv} env
   * @returns {Promise<import('./warm.mjs').Result>}
   */
  #type(command, env) {
    const { folder, state } = this.#opened
    const given = Object.keys(env)
    const script = [
      'if [ -e "$DOCS_STATE/variables" ]; then source "$DOCS_STATE/variables"; fi',
      'cd "$(< "$DOCS_STATE/folder")"',
      // Variables of one block do not apply to the next.
      `trap '{ set +x; } 2>/dev/null; pwd > "$DOCS_STATE/folder"; unset ${given.join(' ')}; export -p > "$DOCS_STATE/variables"' EXIT`,
      ...given.map((name) => `export ${name}='${env[name]}'`),
      // In a script of several lines, show the output of each line and which line failed.
      command.output === undefined && command.text.trim().includes('\n') ? 'set -ex' : 'set -e',
      command.text,
    ]
    const child = spawn('bash', ['-c', script.join('\n')], {
      env: readersEnvironment(folder, state),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (chunk) => (output += chunk))
    child.stderr.setEncoding('utf8').on('data', (chunk) => (output += chunk))
    return new Promise((resolve, reject) => {
      // The whole group, because processes that a command left running keep the pipes open.
      const timer = setTimeout(() => child.pid && signalGroup(child.pid, 'SIGKILL'), commandTimeout)
      child.on('error', reject)
      child.on('close', (code, signal) => {
        clearTimeout(timer)
        if (child.pid !== undefined && signalGroup(child.pid, 0)) this.#left.add(child.pid)
        resolve({ code: code ?? String(signal), output: output.trimEnd() })
      })
    })
  }

  /**
   * @param {string} name within a document, the same name means the same database; an empty name always means a new one
   * @returns {Promise<string>} the URL of a database on the test server
   */
  async #database(name) {
    const known = name === '' ? undefined : this.#databases.get(name)
    if (known !== undefined) return known
    const database = `docs_${randomBytes(6).toString('hex')}`
    await onServer(`CREATE DATABASE "${database}"`)
    const url = new URL(serverUrl())
    url.pathname = '/' + database
    this.#databases.set(name === '' ? database : name, url.href)
    return url.href
  }

  /** Ends the processes and drops the databases of the document. The next document that opens the workspace restores it. */
  async close() {
    for (const group of this.#left) signalGroup(group, 'SIGKILL')
    if (this.#terminal) {
      rmSync(this.#terminal.state, { recursive: true, force: true })
      this.#terminal.close()
    }
    for (const url of this.#databases.values()) {
      await onServer(`DROP DATABASE "${new URL(url).pathname.slice(1)}" WITH (FORCE)`)
    }
  }
}

/**
 * @param {number} group
 * @param {NodeJS.Signals | 0} signal
 * @returns {boolean} whether there was a process in the group
 */
function signalGroup(group, signal) {
  try {
    return process.kill(-group, signal)
  } catch {
    return false
  }
}

/**
 * Replaces a revision file that an earlier command wrote. Its timestamp and parent are known only now: they replace the 13
 * digits and the `'PARENT'` of the text.
 *
 * @param {string} folder
 * @param {string} revision
 * @param {string} text
 */
function editRevision(folder, revision, text) {
  const folders = ['migrations', 'packages/migrations/src/revisions']
    .map((path) => join(folder, path))
    .filter(existsSync)
  const file = folders
    .flatMap((path) => readdirSync(path).map((name) => join(path, name)))
    .find((candidate) => readFileSync(candidate, 'utf8').includes(`revision = '${revision}'`))
  if (file === undefined) throw new Error(`there is no file of revision ${revision}`)
  const written = readFileSync(file, 'utf8')
  const time = /class \w*?(\d{13})\b/.exec(written)?.[1] ?? ''
  const parent = /downRevision(?:: [^=]+)? = (.+)/.exec(written)?.[1] ?? 'null'
  writeFileSync(file, text.replace(/\d{13}/g, time).replaceAll("'PARENT'", parent))
}

/**
 * The environment of a reader's terminal, without the variables of the tests.
 *
 * @param {string} folder
 * @param {string} state
 * @returns {NodeJS.ProcessEnv}
 */
function readersEnvironment(folder, state) {
  const ours = /^(?:ALUDEL_|DATABASE_URL$|NODE_OPTIONS$|NODE_TEST|NODE_ENV$|NX_|npm_|JEST_|FORCE_COLOR$)/
  const kept = Object.entries(gitEnvironment()).filter(([name]) => !ours.test(name))
  const path = [shims, join(folder, 'node_modules', '.bin'), dirname(process.execPath), process.env['PATH'] ?? '']
  return {
    ...Object.fromEntries(kept),
    PATH: path.join(delimiter),
    NO_COLOR: '1',
    NX_DAEMON: 'false',
    DOCS_STATE: state,
    DOCS_NODE: process.execPath,
  }
}

/**
 * The exported variables of a terminal.
 *
 * @param {string} folder
 * @param {string} state
 * @returns {NodeJS.ProcessEnv}
 */
function variablesOf(folder, state) {
  const env = readersEnvironment(folder, state)
  if (!existsSync(join(state, 'variables'))) return env
  const output = execFileSync('bash', ['-c', 'source "$DOCS_STATE/variables"; env -0'], { env, encoding: 'utf8' })
  const lines = output.split('\0').filter((line) => line.includes('='))
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))
}

function serverUrl() {
  const url = process.env['ALUDEL_TEST_POSTGRES_URL']
  if (!url) throw new Error('ALUDEL_TEST_POSTGRES_URL is not set: npm test sets it')
  return url
}

/** @param {string} sql */
async function onServer(sql) {
  const client = new pg.Client(serverUrl())
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

if (isProgram(import.meta)) {
  const files = process.argv.length > 2 ? process.argv.slice(2) : projectDocuments()
  await withPostgres(() => printAll(files))
}

/** @param {string[]} files */
async function printAll(files) {
  const workspaces = new Workspaces(process.env['ALUDEL_TEST_POSTGRES_URL'])
  try {
    for (const file of files) await print(file, workspaces)
  } finally {
    workspaces.remove()
  }
}

/**
 * @param {string} file
 * @param {Workspaces} workspaces
 */
async function print(file, workspaces) {
  const reader = new Reader(file, readFileSync(resolve(root, file), 'utf8'), workspaces)
  try {
    for (const block of reader.blocks) {
      const skip = block.directives.get('skip')
      console.log(`${file}:${block.line}${skip === undefined ? '' : ` skipped: ${skip}`}`)
      if (skip === undefined) await reader.run(block)
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  } finally {
    await reader.close()
  }
}
