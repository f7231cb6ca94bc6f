import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import path from 'node:path'

import type { MigratorOptions } from '@aludel/engine'
import { DataSource, type DataSourceOptions } from 'typeorm'

import { type DialectName, makeDatabase, sqliteFolder, type TestDatabase } from '../../../../tools/testing/databases'
import { createServer, type ServerOptions, type WebServer } from '../../src'
import { Client } from './client'

/** A revision file of statements. */
export interface WrittenRevision {
  /** Shorter than 12 characters: filled up with zeros. */
  readonly id: string
  readonly message?: string
  /** Parents; default is none. */
  readonly down?: string | readonly string[]
  readonly up: readonly string[]
  readonly undo?: readonly string[]
  readonly transaction?: false
  /** Code before the statements of `up`, which makes them known only when it runs. */
  readonly code?: string
}

export function idOf(id: string): string {
  return id.padEnd(12, '0')
}

/** Code of a revision that goes on when a file exists, so that nothing depends on time; or when the test is over. */
export function waitFor(file: string): string {
  const [one, folder] = [JSON.stringify(file), JSON.stringify(path.dirname(file))]
  return `    const { existsSync } = require('node:fs')
    while (!existsSync(${one}) && existsSync(${folder})) await new Promise((resolve) => setTimeout(resolve, 5))\n`
}

/** A project with a database, whose revisions a test writes, and servers for it. */
export class WebProject {
  readonly #servers: WebServer[] = []
  readonly page: string

  private constructor(
    readonly folder: string,
    readonly database: TestDatabase,
  ) {
    this.page = path.join(folder, 'page')
    mkdirSync(path.join(folder, 'revisions'))
    mkdirSync(path.join(this.page, 'assets'), { recursive: true })
    writeFileSync(
      path.join(this.page, 'index.html'),
      '<!doctype html><meta name="aludel-base" content=""><meta name="aludel-sign-in" content=""><script type="module" src="./assets/index-abc.js"></script>\n',
    )
    writeFileSync(path.join(this.page, 'assets', 'index-abc.js'), 'document.title = "Aludel"\n')
  }

  static async make(dialect: DialectName): Promise<WebProject> {
    return new WebProject(mkdtempSync(path.join(sqliteFolder(), 'aludel-web-')), await makeDatabase(dialect))
  }

  /** A DataSource on the database. */
  dataSource(more: Partial<DataSourceOptions> = {}): DataSource {
    return new DataSource({ ...this.database.options, ...more } as DataSourceOptions)
  }

  /** Options for a `Migrator`. */
  options(more: Partial<MigratorOptions> = {}): MigratorOptions {
    return {
      dataSource: this.dataSource(),
      revisions: 'revisions',
      root: this.folder,
      cacheDirectory: null,
      ...more,
    }
  }

  /** Writes revisions, oldest first. */
  write(...revisions: readonly WrittenRevision[]): void {
    const folder = path.join(this.folder, 'revisions')
    const first = readdirSync(folder).length
    revisions.forEach((revision, index) => {
      const timestamp = String(1_763_750_000_000 + first + index)
      writeFileSync(path.join(folder, `${timestamp}-${idOf(revision.id)}.cjs`), textOf(revision, timestamp))
    })
  }

  /** Starts a server, and opens a session on it. */
  async serve(options: Partial<ServerOptions> = {}): Promise<Client> {
    const { client } = await this.start(options)
    await client.logIn()
    return client
  }

  /** Starts a server. */
  async start(options: Partial<ServerOptions> = {}): Promise<{
    readonly client: Client
    readonly server: WebServer
    /** As it is printed. */
    readonly url: string
  }> {
    const server = await createServer({ project: this.options(), port: 0, page: this.page, ...options })
    this.#servers.push(server)
    const url = await server.listen()
    // By a name of this machine, whichever is printed.
    const local = new URL(url)
    local.hostname = '127.0.0.1'
    local.port = String((server.app.server.address() as AddressInfo).port)
    return { server, url, client: new Client(local.href, server.token) }
  }

  /** Stops the servers. */
  async stop(): Promise<void> {
    for (const server of this.#servers.splice(0)) await server.close()
  }

  async remove(): Promise<void> {
    await this.stop()
    rmSync(this.folder, { recursive: true, force: true })
    await this.database.drop()
  }
}

function textOf(
  { id, message = `revision ${id}`, down, up, undo = [], transaction, code = '' }: WrittenRevision,
  timestamp: string,
): string {
  const send = (statements: readonly string[]): string =>
    statements.map((sql) => `    await queryRunner.query(${JSON.stringify(sql)})\n`).join('')
  return `/** ${message} */
exports.R${timestamp} = class R${timestamp} {
  static revision = '${idOf(id)}'
  static downRevision = ${down === undefined ? 'null' : JSON.stringify(typeof down === 'string' ? idOf(down) : down.map(idOf))}
${transaction === false ? '  transaction = false\n' : ''}  async up(queryRunner) {
${code}${send(up)}  }
  async down(queryRunner) {
${send(undo)}  }
}
`
}
