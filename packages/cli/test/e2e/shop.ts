import { sqliteType } from '../../../../tools/testing/databases'
import { type Dialect } from './harness'

/** A small project with two entities and three revisions, all of whose SQL both engines understand. */

export const ids = {
  users: 'aaaa11112222',
  email: 'bbbb11112222',
  posts: 'cccc11112222',
  next: 'dddd11112222',
} as const

export function shop(dialect: Dialect): Record<string, string> {
  return {
    'package.json': '{ "name": "shop", "private": true }\n',
    'data-source.ts': dataSource(dialect),
    'entities/user.ts': user(),
    'entities/post.ts': post,
    ...migrations(dialect),
  }
}

/** A DataSource file that chooses the driver. The connection comes from `--database-url`. */
export function dataSource(dialect: Dialect): string {
  const connection =
    dialect === 'sqlite' ? `type: '${sqliteType}', database: 'app.db'` : "type: 'postgres', host: 'nowhere.invalid'"
  return `import 'reflect-metadata'
import { DataSource } from 'typeorm'
import { Post } from './entities/post'
import { User } from './entities/user'

export const dataSource = new DataSource({ ${connection}, entities: [User, Post] })
`
}

/** @param columns more columns of the entity, for example `@Column({ nullable: true, type: 'integer' }) age?: number` */
export function user(
  columns = '',
  email = "@Column({ type: 'varchar', length: 100, nullable: true }) email?: string",
): string {
  return `import { Column, Entity, PrimaryColumn } from 'typeorm'

@Entity('users')
export class User {
  @PrimaryColumn({ type: 'integer' })
  id!: number

  @Column({ type: 'varchar', length: 50 })
  name!: string

  ${email}
  ${columns}
}
`
}

const post = `import { Column, Entity, PrimaryColumn } from 'typeorm'

@Entity('posts')
export class Post {
  @PrimaryColumn({ type: 'integer' })
  id!: number

  @Column({ type: 'varchar', length: 200 })
  title!: string
}
`

interface RevisionText {
  readonly name: string
  readonly id: string
  readonly down: string
  readonly message: string
  readonly up: string
  readonly undo: string
  /** Further lines of the class. */
  readonly more?: string
}

/** The text of a revision file. */
export function revision({ name, id, down, message, up, undo, more = '' }: RevisionText): string {
  return `import type { MigrationInterface, QueryRunner } from 'typeorm'

/** ${message} */
export class ${name} implements MigrationInterface {
  static readonly revision = '${id}'
  static readonly downRevision = ${down}
  ${more}
  async up(queryRunner: QueryRunner): Promise<void> {
    ${up}
  }
  async down(queryRunner: QueryRunner): Promise<void> {
    ${undo}
  }
}
`
}

/** The file of a fourth revision, after `posts`; it has the id `dddd11112222` unless another is given. */
export function nextRevision(
  message: string,
  text: Pick<RevisionText, 'up'> & Partial<Pick<RevisionText, 'id' | 'undo' | 'more'>>,
): Record<string, string> {
  const name = `${message.charAt(0).toUpperCase()}${message.slice(1)}1700000000004`
  const source = revision({ id: ids.next, undo: '', ...text, name, message, down: `'${ids.posts}'` })
  return { [`migrations/1700000000004-${message}.ts`]: source }
}

export function run(sql: string): string {
  return `await queryRunner.query(\`${sql}\`)`
}

/** Revisions that create the tables as TypeORM's own synchronization does, so that `check` finds nothing. */
export function migrations(dialect: Dialect): Record<string, string> {
  const table = (name: string, columns: string, primaryKey: string): string =>
    dialect === 'sqlite'
      ? `CREATE TABLE "${name}" ("id" integer PRIMARY KEY NOT NULL, ${columns})`
      : `CREATE TABLE "${name}" ("id" integer NOT NULL, ${columns}, CONSTRAINT "${primaryKey}" PRIMARY KEY ("id"))`
  return {
    'migrations/1700000000001-users.ts': revision({
      name: 'Users1700000000001',
      id: ids.users,
      down: 'null',
      message: 'users',
      up: run(table('users', '"name" varchar(50) NOT NULL', 'PK_a3ffb1c0c8416b9fc6f907b7433')),
      undo: run('DROP TABLE "users"'),
    }),
    'migrations/1700000000002-email.ts': revision({
      name: 'Email1700000000002',
      id: ids.email,
      down: `'${ids.users}'`,
      message: 'email of users',
      up: run('ALTER TABLE "users" ADD COLUMN "email" varchar(100)'),
      undo: run('ALTER TABLE "users" DROP COLUMN "email"'),
    }),
    'migrations/1700000000003-posts.ts': revision({
      name: 'Posts1700000000003',
      id: ids.posts,
      down: `'${ids.email}'`,
      message: 'posts',
      up: run(table('posts', '"title" varchar(200) NOT NULL', 'PK_2829ac61eff60fcec60d7274b9e')),
      undo: run('DROP TABLE "posts"'),
    }),
  }
}
