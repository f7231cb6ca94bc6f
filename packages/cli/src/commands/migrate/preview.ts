import type { Direction, MigrateOptions, Migrator, SqlOptions } from '@aludel/engine'

import { planLines } from '../../output/run'
import type { Report } from '../../parser/command'

/** `--sql`: the script that `psql` or `sqlite3` can run instead. */
export async function previewSql(
  migrator: Migrator,
  direction: Direction,
  target: string | undefined,
  options: SqlOptions,
): Promise<Report> {
  const result = await migrator.sql(direction, target, options)
  return { json: result, human: (out) => out.raw(result.statements.map((statement) => `${statement}\n`).join('')) }
}

/** `--plan`: the steps, in the order in which they would run. */
export async function previewPlan(
  migrator: Migrator,
  direction: Direction,
  target: string | undefined,
  options: Pick<MigrateOptions, 'keepDropped' | 'expectHead' | 'transaction'> & { readonly trace?: boolean } = {},
): Promise<Report> {
  const result = await migrator.plan(direction, target, options)
  return { json: result, human: (out) => out.lines(...planLines(result, out.colors, { sql: out.verbose })) }
}
