import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'

import { DataSource } from 'typeorm'

import { ProjectAccess } from '../../src/project/project-access'

describe('a database server that accepts connections and never answers', () => {
  let server: Server
  const sockets = new Set<Socket>()

  beforeAll(async () => {
    server = createServer((socket) => sockets.add(socket.on('error', () => undefined)))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  afterAll(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })

  const access = (longest?: number): ProjectAccess => {
    const { port } = server.address() as AddressInfo
    const dataSource = new DataSource({
      type: 'postgres',
      host: '127.0.0.1',
      port,
      username: 'nobody',
      database: 'none',
    })
    return new ProjectAccess({ dataSource, revisions: '.', root: __dirname, cacheDirectory: null }, longest)
  }

  test('is given up, and keeps nobody else out', async () => {
    const project = access(200)
    // More than there are readers at once: the last ones wait for the first.
    const readings = Array.from({ length: 6 }, () => project.read((migrator) => migrator.current()))
    for (const reading of readings)
      await expect(reading).rejects.toMatchObject({ code: 'ALUDEL_WEB_TIMEOUT', status: 504 })
    await expect(project.read(() => Promise.resolve('in'))).resolves.toBe('in')
  })

  test('keeps nobody out after those who asked have gone away', async () => {
    const project = access()
    const gone = new AbortController()
    const readings = Array.from({ length: 4 }, () =>
      project.read((migrator) => migrator.current(), { signal: gone.signal }).catch(() => 'given up'),
    )
    const next = project.read(() => Promise.resolve('in'))
    gone.abort()
    await expect(next).resolves.toBe('in')
    await expect(Promise.all(readings)).resolves.toHaveLength(4)
  })
})
