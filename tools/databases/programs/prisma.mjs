// cspell:ignore dbgenerated
import { camel, shop } from '../rows.mjs'

const models = { users: 'User', orders: 'Order', order_items: 'OrderItem', tags: 'Tag', order_tags: '_OrderToTag' }

/** @type {import('../place.mjs').Program} */
export const prisma = {
  name: 'prisma',
  // The last version whose schema engine is also a part of a package: that of later ones is downloaded from elsewhere.
  packages: { prisma: '6.19.3', '@prisma/adapter-pg': '6.19.3', '@prisma/adapter-better-sqlite3': '6.19.3' },
  dialects: ['sqlite', 'postgres'],
  rows: shop(
    (name) => (name === 'tag_id' ? 'B' : camel(name)),
    (name) => models[/** @type {keyof typeof models} */ (name)],
  ).map(([table, ...list]) => [
    table,
    ...list.map((row) => (table === '_OrderToTag' ? { A: row['orderId'], B: row['B'] } : row)),
  ]),
  make({ dialect, target, write, run }) {
    const adapter =
      dialect === 'sqlite'
        ? `new PrismaBetterSQLite3({ url: ${JSON.stringify(`file:${target}`)} })`
        : `new PrismaPg({ connectionString: ${JSON.stringify(target)} })`
    write({
      'prisma.config.mjs': `import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaBetterSQLite3 } from '@prisma/adapter-better-sqlite3'
import pg from 'pg'
// The adapter does not know the type \`name\`, in which the engine reads the catalog: it is text.
pg.types.builtins.XML = 19
export default {
  schema: 'schema.prisma',
  migrations: { path: 'migrations' },
  experimental: { adapter: true },
  engine: 'js',
  adapter: () => Promise.resolve(${adapter}),
}
`,
      'migrations/migration_lock.toml': `provider = "${dialect === 'sqlite' ? 'sqlite' : 'postgresql'}"\n`,
    })
    const quiet = {
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
      CHECKPOINT_DISABLE: '1',
      // It downloads both as soon as they are missing, and uses neither with `engine: 'js'`.
      PRISMA_QUERY_ENGINE_LIBRARY: '/bin/true',
      PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true',
    }
    const states = [schemaOf(dialect, false, false), schemaOf(dialect, true, false), schemaOf(dialect, true, true)]
    for (const [index, schema] of states.entries()) {
      write({ 'before.prisma': states[index - 1] ?? schema, 'schema.prisma': schema })
      const from = index === 0 ? ['--from-empty'] : ['--from-schema-datamodel', 'before.prisma']
      const sql = run(
        'prisma',
        ['migrate', 'diff', ...from, '--to-schema-datamodel', 'schema.prisma', '--script'],
        quiet,
      )
      const name = ['20260101000000_users', '20260102000000_items', '20260103000000_notes'][index] ?? ''
      write({ [`migrations/${name}/migration.sql`]: sql.slice(sql.indexOf('--')) })
      run('prisma', ['migrate', 'deploy'], quiet)
    }
  },
  // It has no command that shows it.
  last: () => '20260103000000_notes',
}

/**
 * @param {import('../place.mjs').DialectName} dialect
 * @param {boolean} items
 * @param {boolean} notes
 */
function schemaOf(dialect, items, notes) {
  const only = (/** @type {boolean} */ is, /** @type {string} */ text) => (is ? text : '')
  const isPostgres = dialect === 'postgres'
  return `datasource db {
  provider = "${isPostgres ? 'postgresql' : 'sqlite'}"
  url      = "${isPostgres ? 'postgresql://not/used' : 'file:not-used.db'}"
}

enum Role {
  admin
  member
}

model User {
  id       Int      @id @default(autoincrement())
  email    String   @unique
  name     String   ${only(isPostgres, '@db.VarChar(100)')}
  role     Role     @default(member)
  settings Json?
  ${only(isPostgres, 'labels String[] @default([])\n  token String @default(dbgenerated("gen_random_uuid()")) @db.Uuid')}
  createdAt DateTime @default(now())
  orders   Order[]

  @@index([name])
}

model Order {
  id       Int      @id @default(autoincrement())
  userId   Int
  user     User     @relation(fields: [userId], references: [id], onDelete: Cascade)
  status   String   @default("open")
  placedAt DateTime
  ${only(notes, 'note String?\n  discount Decimal @default(0)')}
  ${only(items, 'items OrderItem[]\n  tags Tag[]')}

  @@index([userId, placedAt(sort: Desc)])
}
${only(
  items,
  `
model OrderItem {
  orderId  Int
  order    Order   @relation(fields: [orderId], references: [id])
  product  String
  quantity Int     @default(1)
  price    Decimal ${only(isPostgres, '@db.Decimal(10, 2)')}

  @@id([orderId, product])
}

model Tag {
  id     BigInt @id ${only(isPostgres, '@default(autoincrement())')}
  name   String @unique
  orders Order[]
}
`,
)}`
}
