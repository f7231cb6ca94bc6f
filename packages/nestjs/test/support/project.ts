import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'

import { Migrator } from '@aludel/engine'
import { DataSource } from 'typeorm'

import { type DialectName, makeDatabase, sqliteFolder, type TestDatabase } from '../../../../tools/testing/databases'
import type { FromHost, Line, Plan } from './plan'

const register = require.resolve('../../../../tools/testing/register.cjs')
const application = path.join(__dirname, 'application.ts')

function spawnApplication(what: string, ipc: boolean): ChildProcess {
  // A test that is run in a debugger does not lend its options.
  const { NODE_OPTIONS: _options, ...env } = process.env
  return spawn(process.execPath, ['--require', register, application, what], {
    cwd: path.join(__dirname, '../..'),
    env,
    stdio: ipc ? ['ignore', 'inherit', 'inherit', 'ipc'] : ['ignore', 'pipe', 'pipe'],
  })
}

/** An application that is starting or has started. */
export class Application {
  readonly lines: Line[] = []
  protected isOver = false

  /** Why it ended, for messages. */
  protected get reason(): string {
    return JSON.stringify(this.lines)
  }

  /** The first line that `test` accepts. Rejects if it ends without one. */
  async line(test: (line: Line) => boolean): Promise<Line> {
    for (;;) {
      const found = this.lines.find(test)
      if (found !== undefined) return found
      if (this.isOver) throw new Error(`it ended: ${this.reason}`)
      await wait(5)
    }
  }

  /** Waits until it listens. */
  async listening(): Promise<string> {
    const { listening } = await this.line((line) => line.listening !== undefined || line.error !== undefined)
    if (listening === undefined) throw new Error(`it does not listen: ${this.reason}`)
    return listening
  }

  /** Waits until it fails to start. */
  async failed(): Promise<NonNullable<Line['error']>> {
    const { error } = await this.line((line) => line.error !== undefined || line.listening !== undefined)
    if (error === undefined) throw new Error('it listens')
    return error
  }

  /** Waits until it logs this. */
  logged(text: string): Promise<Line> {
    return this.line((line) => line.text?.includes(text) === true)
  }

  /** Asks one of its routes, once it listens. */
  async get(route: string): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
    const response = await fetch(new URL(route, await this.listening()), { headers: { connection: 'close' } })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }
}

/** How the process of an application ended, and what it wrote to standard error. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly errors: string
}

/** An application as a process of its own. */
export class ApplicationProcess extends Application {
  readonly ended: Promise<Ended>
  readonly #child: ChildProcess
  #errors = ''

  constructor(plan: Plan) {
    super()
    this.#child = spawnApplication(JSON.stringify(plan), false)
    createInterface({ input: this.#child.stdout! }).on('line', (line) => this.lines.push(JSON.parse(line) as Line))
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.#errors += text))
    this.ended = new Promise((resolve) => {
      this.#child.on('close', (code, signal) => {
        this.isOver = true
        resolve({ code, signal, errors: this.#errors })
      })
    })
  }

  protected override get reason(): string {
    return super.reason + this.#errors
  }

  async kill(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    this.#child.kill(signal)
    return this.ended
  }
}

/** An application in the process of a {@link Host}. */
class HostedApplication extends Application {
  readonly closed: Promise<void>
  #close: () => void = () => undefined

  constructor() {
    super()
    this.closed = new Promise((resolve) => (this.#close = resolve))
  }

  receive(message: FromHost): void {
    if ('line' in message) this.lines.push(message.line)
    else {
      this.isOver = true
      this.#close()
    }
  }
}

/** A process that starts and closes applications, one after another. */
export class Host {
  readonly #child = spawnApplication('host', true)
  readonly #apps = new Map<number, HostedApplication>()
  #started = 0

  constructor() {
    this.#child.on('message', (message: FromHost) => this.#apps.get(message.id)?.receive(message))
  }

  start(plan: Plan): Application {
    const started = new HostedApplication()
    const id = (this.#started += 1)
    this.#apps.set(id, started)
    this.#child.send({ id, plan })
    return started
  }

  /** Closes all applications that were started. */
  async clear(): Promise<void> {
    for (const [id, application] of this.#apps) {
      this.#child.send({ id })
      await application.closed
      this.#apps.delete(id)
    }
  }

  /** Ends the process. */
  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.on('exit', resolve))
    this.#child.disconnect()
    await ended
  }
}

/** A revision that a test writes. */
export interface WrittenRevision {
  readonly id: string
  readonly down?: string
  readonly up: readonly string[]
  /** Code after the statements. */
  readonly code?: string
  /** True: it runs outside a transaction. */
  readonly outside?: true
}

/** Code of a revision that sends a statement again and again until a file exists. It ends when the folder of the test is gone. */
export function holdUntil(file: string): string {
  const [one, folder] = [JSON.stringify(file), JSON.stringify(path.dirname(file))]
  return `    const { existsSync, writeFileSync } = require('node:fs')
    writeFileSync(${one} + '.begun', '')
    while (!existsSync(${one}) && existsSync(${folder})) {
      await queryRunner.query('SELECT 1')
      await new Promise((resolve) => setTimeout(resolve, 10))
    }\n`
}

/** A project with databases, whose revisions a test writes, and the applications that use it. */
export class NestProject {
  readonly #started: ApplicationProcess[] = []
  readonly #others: TestDatabase[] = []

  private constructor(
    private readonly host: Host,
    readonly dialect: DialectName,
    readonly folder: string,
    readonly database: TestDatabase,
  ) {}

  static async make(host: Host, dialect: DialectName): Promise<NestProject> {
    return new NestProject(
      host,
      dialect,
      mkdtempSync(path.join(sqliteFolder(), 'aludel-nest-')),
      await makeDatabase(dialect),
    )
  }

  /** One more database. */
  async anotherDatabase(): Promise<TestDatabase> {
    const database = await makeDatabase(this.dialect)
    this.#others.push(database)
    return database
  }

  /** A path in the folder of the project. */
  path(...parts: string[]): string {
    return path.join(this.folder, ...parts)
  }

  /** Writes revisions, oldest first. */
  write(revisions: readonly WrittenRevision[], directory = 'revisions'): void {
    mkdirSync(this.path(directory), { recursive: true })
    const before = readdirSync(this.path(directory)).length
    revisions.forEach((revision, index) => {
      const timestamp = String(1_763_750_000_000 + before + index)
      writeFileSync(this.path(directory, `${timestamp}-${revision.id}.cjs`), textOf(revision, timestamp))
    })
  }

  /** What an application does on the database, with these options of the module. */
  plan(options: object = {}, more: Partial<Plan> = {}): Plan {
    return { databases: { default: this.database.options }, modules: [this.options(options)], ...more }
  }

  /** Starts an application in the process of the host. */
  start(plan: Plan = this.plan()): Application {
    return this.host.start(plan)
  }

  /** Starts an application as a process of its own. */
  spawn(plan: Plan = this.plan()): ApplicationProcess {
    const started = new ApplicationProcess(plan)
    this.#started.push(started)
    return started
  }

  /** Options of `AludelModule` for this project. */
  options(more: object = {}): Plan['modules'][number] {
    return { revisions: 'revisions', root: this.folder, cacheDirectory: null, ...more }
  }

  /** Calls `work` with a `Migrator` of another process's kind: with its own connection. */
  async migrate<Result>(work: (migrator: Migrator) => Promise<Result>): Promise<Result> {
    const dataSource = new DataSource(this.database.options)
    const migrator = new Migrator({ dataSource, revisions: 'revisions', root: this.folder, cacheDirectory: null })
    try {
      return await work(migrator)
    } finally {
      await migrator.close()
    }
  }

  /** Waits until a revision with {@link holdUntil} has begun. */
  async begun(file: string): Promise<void> {
    while (!existsSync(`${file}.begun`)) await wait(10)
  }

  async remove(): Promise<void> {
    // Revisions that wait for a file end with the folder.
    rmSync(this.folder, { recursive: true, force: true })
    await Promise.all(this.#started.map((application) => application.kill('SIGKILL')))
    await this.host.clear()
    for (const database of [this.database, ...this.#others]) await database.drop()
  }
}

function textOf({ id, down, up, code = '', outside }: WrittenRevision, timestamp: string): string {
  const statements = up.map((sql) => `    await queryRunner.query(${JSON.stringify(sql)})\n`).join('')
  return `/** revision ${id} */
exports.R${timestamp} = class R${timestamp} {
  static revision = '${id}'
  static downRevision = ${down === undefined ? 'null' : `'${down}'`}
${outside === true ? '  transaction = false\n' : ''}  async up(queryRunner) {
${statements}${code}  }
  async down() {}
}
`
}
