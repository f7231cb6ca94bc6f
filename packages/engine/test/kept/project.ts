import type { MigratorOptions } from '../../src/project/options'
import type { Migrator } from '../../src/migrator'
import type { DialectName } from '../../src/dialect/registry'
import { openProject, type TestProject } from '../migrator/project'

/** A revision of a test: `aaaaaaaaaaaa` is the first, `bbbbbbbbbbbb` follows it, and so on, unless `down` names other parents. */
export interface TestRevision {
  readonly up: readonly string[]
  readonly down: readonly string[]
  /** Letters of its parents. Default: the one before it. */
  readonly parents?: readonly string[]
  /** More lines of the class. */
  readonly fields?: string
  /** The body of `up` as code, instead of statements. */
  readonly upCode?: string
}

/** A project whose revisions are statements, with its warnings. */
export interface KeptProject extends TestProject {
  readonly warnings: string[]
  /** A migrator with these revisions, written as files. */
  of(revisions: readonly TestRevision[], options?: Partial<MigratorOptions>): Promise<Migrator>
  rows(sql: string): Promise<Record<string, unknown>[]>
  run(...statements: readonly string[]): Promise<void>
  /** The definitions of everything that is not the tool's own, sorted. */
  dump(): Promise<readonly string[]>
}

/** The id of a revision of a test: its letter, twelve times. */
export function idOf(letter: string): string {
  return letter.repeat(12)
}

const letters = 'abcdef'

export async function openKept(dialect: DialectName): Promise<KeptProject> {
  const project = await openProject(dialect)
  const warnings: string[] = []
  const rows = (sql: string): Promise<Record<string, unknown>[]> => project.database.rows(sql)
  return {
    ...project,
    warnings,
    rows,
    of: async (revisions, options) => {
      await project.write(Object.fromEntries(revisions.map((revision, at) => fileOf(revision, at))))
      return project.migrator([], {
        onEvent: (event) => {
          if (event.type === 'warning') warnings.push(event.message)
        },
        ...options,
      })
    },
    run: async (...statements) => {
      for (const sql of statements) await rows(sql)
    },
    dump: async () =>
      (
        await rows(
          `SELECT type || ' ' || name || ' ' || coalesce(sql, '') AS line FROM sqlite_master WHERE tbl_name NOT IN ('migrations', 'aludel_journal') ORDER BY 1`,
        )
      ).map(({ line }) => String(line)),
  }
}

function fileOf({ up, down, parents, fields = '', upCode }: TestRevision, at: number): [string, string] {
  const letter = letters.charAt(at)
  const before = parents ?? (at === 0 ? [] : [letters.charAt(at - 1)])
  const parent =
    before.length === 0 ? 'null' : before.length === 1 ? `'${idOf(before[0] ?? '')}'` : JSON.stringify(before.map(idOf))
  const timestamp = String(1700000000001 + at)
  const calls = (statements: readonly string[]): string =>
    statements.map((sql) => `await queryRunner.query(${JSON.stringify(sql)})`).join('\n    ')
  return [
    `${timestamp}-${letter}.js`,
    `/** revision ${letter} */
module.exports.Revision${letter}${timestamp} = class Revision${letter}${timestamp} {
  static revision = '${idOf(letter)}'
  static downRevision = ${parent}
  ${fields}
  async up(queryRunner) {
    ${upCode ?? calls(up)}
  }
  async down(queryRunner) {
    ${calls(down)}
  }
}
`,
  ]
}

/** The statements of a rebuild as TypeORM writes them. */
export function rebuild(table: string, definition: string, columns: string, expressions = columns): string[] {
  return [
    `CREATE TABLE "temporary_${table}" (${definition})`,
    `INSERT INTO "temporary_${table}" (${columns}) SELECT ${expressions} FROM "${table}"`,
    `DROP TABLE "${table}"`,
    `ALTER TABLE "temporary_${table}" RENAME TO "${table}"`,
  ]
}
