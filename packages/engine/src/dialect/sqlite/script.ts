import type { Dialect } from '../dialect'

/** Text around revisions in a script for the `sqlite3` shell. A failing statement ends it, and with it the transaction. */
export const script: Dialect['script'] = {
  header: ['.bail on', 'PRAGMA foreign_keys=OFF;', 'PRAGMA legacy_alter_table=OFF;'],
  begin: (transactional) => (transactional ? ['BEGIN;'] : []),
  commit: (transactional) => (transactional ? ['COMMIT;'] : []),
  footer: ['PRAGMA foreign_keys=ON;'],
}
