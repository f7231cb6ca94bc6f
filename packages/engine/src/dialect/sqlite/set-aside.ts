import type { QueryRunner } from 'typeorm'

import { setsAside } from '../../sql/sqlite/set-aside'
import type { Queryable } from '../queryable'
import { replaceMethod } from '../replace-method'
import { changePragma } from './pragma'

/**
 * TypeORM writes the `down` of a change that SQLite can only make by a rebuild in this way: it renames the table `t` to
 * `temporary_t`, creates `t` as it was before, copies the rows, and drops `temporary_t`. That was right until SQLite 3.26:
 * since then the rename also changes the references of other tables, views and triggers, which then name a dropped table,
 * unless `legacy_alter_table` is on. See https://www.sqlite.org/lang_altertable.html#otheralter.
 */

type Query = (sql: string, parameters?: unknown[], ...rest: unknown[]) => Promise<unknown>

/**
 * Makes references keep the name of a table that a migration sets aside. Call it outside a transaction.
 *
 * @returns a function that ends it
 */
export function keepReferences(queryRunner: QueryRunner): () => void {
  const original: Query = queryRunner.query.bind(queryRunner)
  return replaceMethod(queryRunner, 'query', (...call: Parameters<Query>) =>
    setsAside(call[0]) ? withLegacyRename({ query: original }, () => original(...call)) : original(...call),
  )
}

async function withLegacyRename(database: Queryable, rename: () => Promise<unknown>): Promise<unknown> {
  const restore = await changePragma(database, 'legacy_alter_table', () => 1)
  try {
    return await rename()
  } finally {
    await restore()
  }
}

/** The statements of a script that do what these do under {@link keepReferences}. */
export function withKeptReferences(statements: readonly string[]): readonly string[] {
  // A revision that sets it itself is left alone.
  if (statements.some((sql) => /\blegacy_alter_table\b/i.test(sql))) return statements
  return statements.flatMap((sql) =>
    setsAside(sql) ? ['PRAGMA legacy_alter_table = ON', sql, 'PRAGMA legacy_alter_table = OFF'] : [sql],
  )
}
