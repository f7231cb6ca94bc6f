import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { finish, messageOf } from './measure.mjs'
import { installed } from './peers.mjs'

/**
 * `prisma migrate diff` with nothing changed, on tables like those of `manyEntities`: it replays its migrations on a shadow
 * database and compares them with its schema. For SQLite it needs no server.
 *
 * @param {import('./setting.mjs').Setting} setting
 * @param {'sqlite' | 'postgres'} dialect
 * @param {number} entities
 */
export async function prismaPeer(setting, dialect, entities) {
  const peer = { name: 'prisma migrate diff' }
  return installed(setting, peer, 'prisma', async (libraries) => {
    const place = dialect === 'sqlite' ? setting.sqlite : await setting.postgres('fast')
    const [main, shadow] = [await place.create(), await place.create()]
    const folder = setting.folder('prisma')
    const url = (/** @type {import('./databases.mjs').BenchDatabase} */ { target }) =>
      JSON.stringify(dialect === 'sqlite' ? `file:${target}` : target)
    writeFileSync(join(folder, 'schema.prisma'), schemaOf(dialect, entities))
    writeFileSync(
      join(folder, 'prisma.config.mjs'),
      `export default {
  schema: 'schema.prisma',
  migrations: { path: 'migrations' },
  datasource: { url: ${url(main)}, shadowDatabaseUrl: ${url(shadow)} },
}
`,
    )
    /** @param {string[]} args */
    const prisma = (...args) => ({
      command: process.execPath,
      args: [
        join(libraries, 'node_modules', 'prisma', 'build', 'index.js'),
        'migrate',
        'diff',
        '--config',
        'prisma.config.mjs',
        ...args,
      ],
      cwd: folder,
      env: { PRISMA_HIDE_UPDATE_MESSAGE: '1', CHECKPOINT_DISABLE: '1' },
    })
    try {
      const { stdout: sql } = await finish(
        'prisma migrate diff',
        prisma('--from-empty', '--to-schema', 'schema.prisma', '--script'),
      )
      const first = join(folder, 'migrations', '20260101000000_first')
      mkdirSync(first, { recursive: true })
      writeFileSync(join(first, 'migration.sql'), sql.slice(sql.indexOf('--')))
      const provider = dialect === 'sqlite' ? 'sqlite' : 'postgresql'
      writeFileSync(join(folder, 'migrations', 'migration_lock.toml'), `provider = "${provider}"\n`)
      const command = prisma('--from-migrations', 'migrations', '--to-schema', 'schema.prisma', '--exit-code')
      await finish('prisma migrate diff', command)
      return { ...peer, prepare: async () => command }
    } catch (error) {
      // It is not a part of the package: it is downloaded when it is first used.
      if (/binaries\.prisma/.test(messageOf(error))) return { ...peer, skipped: 'its engine cannot be downloaded' }
      throw error
    }
  })
}

/**
 * @param {'sqlite' | 'postgres'} dialect
 * @param {number} entities
 */
function schemaOf(dialect, entities) {
  const limit = (/** @type {number} */ length) => (dialect === 'sqlite' ? '' : ` @db.VarChar(${length})`)
  const models = Array.from(
    { length: entities },
    (_, index) => `model item_${index} {
  id          Int     @id
  name        String${limit(100)}
  description String?
  amount      Int     @default(0)
  active      Boolean @default(true)
  kind        String  @default("plain")${limit(20)}
  score       Float?
${index === 0 ? '' : `  parentId    Int?\n  parent      item_${index - 1}? @relation(fields: [parentId], references: [id])\n`}${
      index === entities - 1 ? '' : `  children    item_${index + 1}[]\n`
    }
  @@index([name])
}
`,
  )
  return `datasource db {\n  provider = "${dialect === 'sqlite' ? 'sqlite' : 'postgresql'}"\n}\n\n${models.join('\n')}`
}
