import type { TestProject } from '../migrator/project'

/** A revision file of statements. */
export interface WrittenRevision {
  /** 12 characters; shorter ones are filled up with zeros. */
  readonly id: string
  readonly message: string
  /** Parents; default is none. */
  readonly down?: readonly string[]
  readonly dependsOn?: readonly string[]
  readonly branchLabels?: readonly string[]
  readonly up: readonly string[]
  readonly undo?: readonly string[]
  readonly transaction?: false
}

/** The id that such a revision has in its file. */
export function idOf(id: string): string {
  return id.padEnd(12, '0')
}

/** Writes the revisions of a project, oldest first. Those that were written before keep their names. */
export async function writeRevisions(project: TestProject, ...revisions: readonly WrittenRevision[]): Promise<void> {
  const first = Object.keys(await project.files()).length
  const files = revisions.map((one, index) => {
    const timestamp = String(1_763_750_000_000 + first + index)
    return [`${timestamp}-${idOf(one.id)}.ts`, textOf(one, timestamp)] as const
  })
  await project.write(Object.fromEntries(files))
}

function textOf(
  { id, message, down = [], dependsOn = [], branchLabels = [], up, undo = [], transaction }: WrittenRevision,
  timestamp: string,
): string {
  const list = (ids: readonly string[]): string => JSON.stringify(ids.map(idOf))
  const send = (statements: readonly string[]): string =>
    statements.map((sql) => `    await queryRunner.query(${JSON.stringify(sql)})\n`).join('')
  return `import type { MigrationInterface, QueryRunner } from 'typeorm'

/** ${message} */
export class R${idOf(id)}${timestamp} implements MigrationInterface {
  static readonly revision = '${idOf(id)}'
  static readonly downRevision = ${down.length === 0 ? 'null' : list(down)}
  static readonly dependsOn = ${list(dependsOn)}
  static readonly branchLabels = ${JSON.stringify(branchLabels)}
${transaction === false ? '  readonly transaction = false\n' : ''}  async up(queryRunner: QueryRunner): Promise<void> {
${send(up)}  }
  async down(queryRunner: QueryRunner): Promise<void> {
${send(undo)}  }
}
`
}
