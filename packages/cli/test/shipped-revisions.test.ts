import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { Migrator } from '@aludel/engine'
import { coreEntities, entities } from '@aludel/models'
import { DataSource } from 'typeorm'

const shipped = path.resolve(__dirname, '../../migrations/src/revisions')

function postgresUrl(): string {
  const url = process.env['ALUDEL_TEST_POSTGRES_URL']
  if (url === undefined) throw new Error('ALUDEL_TEST_POSTGRES_URL names no PostgreSQL server')
  return url
}

/** Texts of the revision files in order, with the timestamps replaced, which differ each time. */
async function texts(directory: string): Promise<string[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.ts')).sort()
  const all = await Promise.all(names.map((name) => readFile(path.join(directory, name), 'utf8')))
  return all.map((text) => text.replace(/\b\d{13}\b|(?<=[A-Za-z])\d{13}\b/g, 'TIMESTAMP'))
}

describe('the shipped revisions', () => {
  let directory: string

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'aludel-shipped-'))
  })

  afterEach(() => rm(directory, { recursive: true, force: true }))

  test('equal what create generates from the entities, with no difference left', async () => {
    const write = async (list: readonly (new () => object)[], message: string, revisionId?: string) => {
      const migrator = new Migrator({
        dataSource: new DataSource({ type: 'better-sqlite3', database: ':memory:', entities: [...list] }),
        revisions: directory,
        root: directory,
        dialects: ['sqlite', 'postgres'],
        shadow: { postgres: postgresUrl() },
      })
      try {
        return await migrator.create(message, revisionId === undefined ? {} : { revisionId })
      } finally {
        await migrator.close()
      }
    }
    await write(coreEntities, 'core schema', 'a1c0de000001')
    await write(entities, 'review decisions', 'a1c0de000002')
    expect(await texts(directory)).toEqual(await texts(shipped))
    expect((await write(entities, 'nothing')).created).toBeNull()
  })
})
