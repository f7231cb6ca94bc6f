import type { ScriptFrame } from '../roles/sql'
import { withKeptReferences } from './set-aside'

/**
 * The text around revisions in a script for the `sqlite3` shell. A failing statement ends the script, and with it the
 * transaction. The shell has no IF, so a CHECK on a temporary table refuses new rows that reference a missing row.
 */
export const script: ScriptFrame = {
  header: [
    '.bail on',
    'PRAGMA foreign_keys=OFF;',
    'PRAGMA legacy_alter_table=OFF;',
    '-- rows that reference a missing row are counted now, and before each COMMIT; if there are more, the script ends',
    'CREATE TEMP TABLE aludel_foreign_keys (before integer, after integer, CONSTRAINT "rows reference a row that is not there" CHECK (after <= before));',
    'INSERT INTO temp.aludel_foreign_keys SELECT count(*), 0 FROM pragma_foreign_key_check;',
  ],
  connect: () => Promise.resolve([]),
  statements: withKeptReferences,
  around: () => ({ before: [], after: [] }),
  begin: (transactional) => (transactional ? ['BEGIN;'] : []),
  check: ['UPDATE temp.aludel_foreign_keys SET after = (SELECT count(*) FROM pragma_foreign_key_check);'],
  commit: (transactional) => (transactional ? ['COMMIT;'] : []),
  footer: ['DROP TABLE temp.aludel_foreign_keys;', 'PRAGMA foreign_keys=ON;'],
}
