import type { ScriptFrame } from '../roles/sql'

/**
 * Text around revisions in a script for the `sqlite3` shell. A failing statement ends it, and with it the transaction. The
 * shell has no IF: that no more rows reference nothing than before is a CHECK on a temporary table.
 */
export const script: ScriptFrame = {
  header: [
    '.bail on',
    'PRAGMA foreign_keys=OFF;',
    'PRAGMA legacy_alter_table=OFF;',
    '-- rows that reference a row that is not there: counted now, and again before each COMMIT, where more of them end the script',
    'CREATE TEMP TABLE aludel_foreign_keys (before integer, after integer, CONSTRAINT "rows reference a row that is not there" CHECK (after <= before));',
    'INSERT INTO temp.aludel_foreign_keys SELECT count(*), 0 FROM pragma_foreign_key_check;',
  ],
  begin: (transactional) => (transactional ? ['BEGIN;'] : []),
  check: ['UPDATE temp.aludel_foreign_keys SET after = (SELECT count(*) FROM pragma_foreign_key_check);'],
  commit: (transactional) => (transactional ? ['COMMIT;'] : []),
  footer: ['DROP TABLE temp.aludel_foreign_keys;', 'PRAGMA foreign_keys=ON;'],
}
