import { migration } from '../../migrator/plain-migration'

/** The file of a plain TypeORM migration with any code. */
export function coded(name: string, up: string, down = '', members = ''): Record<string, string> {
  return {
    [`${name}.js`]: `module.exports = class ${name} {
  ${members}
  async up(queryRunner) {
    ${up}
  }
  async down(queryRunner) {
    ${down}
  }
}`,
  }
}

/** The first revision. */
export const users = (columns: string): Record<string, string> =>
  migration(
    'Users1700000000001',
    [`CREATE TABLE "users" ("id" integer PRIMARY KEY NOT NULL, ${columns})`],
    ['DROP TABLE "users"'],
  )

export const unique = `await queryRunner.query('CREATE UNIQUE INDEX "ux" ON "users" ("email")')`
export const dropUnique = `await queryRunner.query('DROP INDEX "ux"')`
