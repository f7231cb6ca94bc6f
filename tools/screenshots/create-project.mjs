// The project of the picture of `create`: two entities that were changed.
import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { now } from './shop.mjs'

const load = createRequire(import.meta.url)

/**
 * @param {string} folder
 * @param {(options: Record<string, unknown>) => Promise<{ url: string, token: string, close: () => Promise<void> }>} serverOf
 */
export async function makeCreateProject(folder, serverOf) {
  const { DataSource, EntitySchema } = load('typeorm')
  const { Migrator } = load('../../packages/engine/dist/index.js')
  mkdirSync(join(folder, 'migrations'), { recursive: true })
  const id = { type: Number, primary: true, generated: 'increment' }
  /** @param {boolean} changed */
  const entities = (changed) => [
    new EntitySchema({
      name: 'Customer',
      tableName: 'customers',
      columns: {
        id,
        email: { type: 'varchar', length: 320 },
        ...(changed
          ? { displayName: { name: 'display_name', type: 'text' } }
          : { fullName: { name: 'full_name', type: 'text' } }),
      },
    }),
    new EntitySchema({
      name: 'Order',
      tableName: 'orders',
      columns: {
        id,
        total: { type: 'decimal', precision: 12, scale: 2 },
        ...(changed ? { channel: { type: 'varchar', length: 16 } } : {}),
      },
    }),
  ]
  /** @param {boolean} changed */
  const project = (changed) => ({
    dataSource: () =>
      new DataSource({ type: 'better-sqlite3', database: join(folder, 'shop.db'), entities: entities(changed) }),
    revisions: 'migrations',
    root: folder,
    dialects: ['sqlite'],
    cacheDirectory: join(folder, '.cache'),
    clock: () => now,
  })
  const migrator = new Migrator({ ...project(false), clock: () => new Date(now.getTime() - 30 * 86_400_000) })
  await migrator.create('customers and orders')
  await migrator.upgrade()
  await migrator.close()
  const connection = await project(false).dataSource().initialize()
  await connection.query(`INSERT INTO "customers" ("email", "full_name") VALUES ('ada@example.org', 'Ada Lovelace')`)
  await connection.query(`INSERT INTO "orders" ("total") VALUES (9.9), (19.9)`)
  await connection.destroy()
  writeFileSync(join(folder, 'package.json'), '{}')
  return serverOf({ project: project(true), allowCreate: true })
}
