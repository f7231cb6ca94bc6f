import { writeFile } from 'node:fs/promises'
import path from 'node:path'

import type { TestProject } from './project'

/** Writes a plain TypeORM migration with these statements, later than all others of the project. */
export async function writeByHand(
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
