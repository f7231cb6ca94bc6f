import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { DataSource, type DataSourceOptions, EventSubscriber } from 'typeorm'

import { sqliteType } from '../../../../tools/testing/databases'
import { Connection } from '../../src/project/connection'
import { loadProject } from '../../src/project/project'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'aludel-open-'))
})
afterEach(() => {
  jest.restoreAllMocks()
  rmSync(directory, { recursive: true, force: true })
})

function file(name: string, text: string): string {
  const target = path.join(directory, name)
  mkdirSync(path.dirname(target), { recursive: true })
  writeFileSync(target, text)
  return target
}

/** Runs a server that asks for a password as PostgreSQL does (AuthenticationCleartextPassword), which is when pg calls the function. */
async function withAskingServer(work: (port: number, closeConnections: () => void) => Promise<void>): Promise<void> {
  const sockets = new Set<{ destroy(): void }>()
  const asking = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('data', () => socket.write(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3])))
  })
  await new Promise<void>((resolve) => asking.listen(0, '127.0.0.1', resolve))
  const closeConnections = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  try {
    await work((asking.address() as { port: number }).port, closeConnections)
  } finally {
    closeConnections()
    await new Promise((resolve) => asking.close(resolve))
  }
}

/** The error of connecting, as the methods of `Migrator` and the command line get it. */
async function failure(options: Partial<DataSourceOptions>): Promise<unknown> {
  const dataSource = new DataSource({
    type: sqliteType,
    database: ':memory:',
    logging: false,
    ...options,
  } as DataSourceOptions)
  const connection = new Connection({ dataSource })
  try {
    await connection.connected()
    return undefined
  } catch (error) {
    return error
  } finally {
    await connection.close()
  }
}

/** Nothing listens there, so that an error of the database itself would be one about the connection. */
const server = { type: 'postgres', host: '127.0.0.1', port: 1, username: 'app', database: 'app' } as const

describe('an error of project code while a DataSource connects', () => {
  test.each(['entities', 'migrations', 'subscribers'] as const)(
    'names a file of %s that does not load, and does not blame the database',
    async (option) => {
      const broken = file('broken.js', "throw new Error('no environment')\n")
      expect(await failure({ [option]: [path.join(directory, '*.js')] })).toMatchObject({
        code: 'ALUDEL_ENTITIES',
        message: `the DataSource cannot load its entities, migrations and subscribers: no environment (${broken})`,
        help: expect.not.stringMatching(/disk|server/),
        details: { path: broken },
      })
    },
  )

  test('names the file that imports a missing one', async () => {
    const importing = file('importing.js', "require('./missing')\n")
    expect(await failure({ entities: [importing] })).toMatchObject({
      code: 'ALUDEL_ENTITIES',
      message: expect.stringContaining(`Cannot find module './missing'`),
      details: { path: importing },
    })
  })

  test('does not take an import of a file for a missing database', async () => {
    const reading = file('reading.js', "require('node:fs').readFileSync('/nowhere/at/all')\n")
    expect(await failure({ entities: [reading] })).toMatchObject({
      code: 'ALUDEL_ENTITIES',
      details: { path: reading },
    })
  })

  test('reports a subscriber whose constructor throws', async () => {
    class Audit {
      constructor() {
        throw new Error('no queue')
      }
    }
    EventSubscriber()(Audit)
    expect(await failure({ subscribers: [Audit] })).toMatchObject({
      code: 'ALUDEL_ENTITIES',
      message: expect.stringContaining(`subscribers: no queue (${__filename})`),
    })
  })

  test('reports a migration that fails because the DataSource runs it on connecting', async () => {
    // TypeORM prints the failure, whatever the logger.
    jest.spyOn(console, 'log').mockImplementation()
    class Fails1763750000000 {
      up(): Promise<void> {
        return Promise.reject(new Error('no such tenant'))
      }
      down(): Promise<void> {
        return Promise.resolve()
      }
    }
    expect(await failure({ migrations: [Fails1763750000000], migrationsRun: true })).toMatchObject({
      code: 'ALUDEL_ENTITIES',
      message: expect.stringContaining('cannot run its migrations on connecting (migrationsRun): no such tenant'),
    })
  })

  // TypeORM calls it with better-sqlite3 only.
  if (sqliteType === 'better-sqlite3') {
    test('reports a prepareDatabase function that throws', async () => {
      const prepareDatabase = () => {
        throw new Error('no extension')
      }
      expect(await failure({ prepareDatabase } as Partial<DataSourceOptions>)).toMatchObject({
        code: 'ALUDEL_DATA_SOURCE',
        message: 'the prepareDatabase function of the DataSource throws: no extension',
      })
    })

    test('leaves an error of the database in a prepareDatabase function to the database', async () => {
      const database = file('secret.db', 'not a database, or encrypted'.repeat(100))
      const prepareDatabase = (db: { pragma(text: string): unknown }) => db.pragma('user_version')
      expect(await failure({ database, prepareDatabase } as Partial<DataSourceOptions>)).toMatchObject({
        code: 'ALUDEL_NOT_A_DATABASE',
      })
    })
  }

  test.each([
    ['rejects', () => Promise.reject(new Error('token expired'))],
    [
      'throws',
      () => {
        throw new Error('token expired')
      },
    ],
  ])('reports a password function that %s', async (_how, password) => {
    await withAskingServer(async (port) => {
      expect(await failure({ ...server, port, password } as Partial<DataSourceOptions>)).toMatchObject({
        code: 'ALUDEL_DATA_SOURCE',
        message: 'the password function of the DataSource throws: token expired',
        help: expect.not.stringMatching(/Check the server/),
      })
    })
  })

  test('names a password function that has not settled when the server closes the connection', async () => {
    await withAskingServer(async (port, closeConnections) => {
      const password = () => {
        closeConnections()
        return new Promise<string>(() => undefined)
      }
      expect(await failure({ ...server, port, password } as Partial<DataSourceOptions>)).toMatchObject({
        code: 'ALUDEL_DATA_SOURCE',
        message: expect.stringMatching(/^the password function of the DataSource has not settled: /) as string,
      })
    })
  })

  test('reports a refused connection of a password function as its own, not as one to the database', async () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED 10.0.0.9:8200'), { code: 'ECONNREFUSED' })
    const dataSource = new DataSource({ ...server, extra: { password: () => Promise.reject(refused) } })
    await new Connection({ dataSource }).dataSource()
    const { extra } = dataSource.options as { readonly extra: { readonly password: () => Promise<string> } }
    await expect(extra.password()).rejects.toMatchObject({ code: 'ALUDEL_DATA_SOURCE', cause: refused })
  })

  test('still reports an unreachable server as such', async () => {
    expect(await failure(server)).toMatchObject({ code: 'ALUDEL_CONNECT', message: 'nothing listens at 127.0.0.1:1' })
  })
})

describe('an error of project code that gives the DataSource', () => {
  /** @param exported called when the file is loaded, so that no promise rejects earlier */
  const open = async (exported: () => Record<string, unknown>, dataSource?: string) => {
    const loadModule = () => Promise.resolve(exported())
    const named = dataSource === undefined ? {} : { dataSource }
    return (await loadProject({ cwd: directory, env: {}, loadModule, ...named })).dataSource()
  }

  test('names the configuration whose dataSource function throws', async () => {
    const config = file('aludel.config.mjs', '')
    const dataSource = () => {
      throw new Error('no vault')
    }
    await expect(open(() => ({ default: { dataSource, revisions: 'a' } }))).rejects.toMatchObject({
      code: 'ALUDEL_DATA_SOURCE',
      message: `the dataSource function of ${config} throws: no vault`,
    })
  })

  test('names the DataSource file whose promise rejects', async () => {
    const named = file('ds.js', '')
    await expect(open(() => ({ default: Promise.reject(new Error('no vault')) }), 'ds.js')).rejects.toMatchObject({
      code: 'ALUDEL_DATA_SOURCE',
      message: `the promise that ${named} exports rejects: no vault`,
    })
  })

  test('reports a dataSource function of an application that throws', async () => {
    const dataSource = () => Promise.reject<DataSource>(new Error('no vault'))
    await expect(new Connection({ dataSource }).connected()).rejects.toMatchObject({
      code: 'ALUDEL_DATA_SOURCE',
      message: 'the dataSource function throws: no vault',
    })
  })
})
