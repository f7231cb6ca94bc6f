import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'

import type { TestProject } from './project'

/** Writes a revision with these statements, or lines of code, for both directions. Returns its id. */
export async function byHand(
  project: TestProject,
  message: string,
  up: readonly string[] | string,
  down: readonly string[] | string = [],
  id?: string,
): Promise<string> {
  const options = { autogenerate: false, ...(id === undefined ? {} : { revisionId: id }) }
  const { created } = await project.migrator([]).create(message, options)
  const file = created?.path ?? ''
  const code = (body: readonly string[] | string): string =>
    typeof body === 'string'
      ? body
      : body.map((sql) => `await queryRunner.query(${JSON.stringify(sql)})`).join('\n    ')
  const [head = '', between = '', rest = ''] = (await readFile(file, 'utf8')).split("// await queryRunner.query('…')")
  await writeFile(file, head + code(up) + between + code(down) + rest)
  return created?.revision ?? ''
}

/** Writes a plain TypeORM migration with these statements, later than all others of the project. */
export async function writePlainMigration(
  project: TestProject,
  up: readonly string[],
  down: readonly string[] = [],
  name = 'ByHand',
): Promise<void> {
  const timestamp = Date.now() + Object.keys(await project.files()).length + 1
  const body = (statements: readonly string[]) =>
    statements.map((sql) => `    await queryRunner.query(${JSON.stringify(sql)})`).join('\n')
  await writeFile(
    path.join(project.revisions, `${String(timestamp)}-${name.toLowerCase()}.js`),
    [
      `module.exports = class ${name}${String(timestamp)} {`,
      `  async up(queryRunner) {\n${body(up)}\n  }`,
      `  async down(queryRunner) {\n${body(down)}\n  }`,
      '}',
      '',
    ].join('\n'),
  )
}
