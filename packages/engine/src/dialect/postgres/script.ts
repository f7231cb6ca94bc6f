import type { ScriptFrame } from '../roles/sql'

/** Lines around the statements of a revision, for `psql`. */
export const script: ScriptFrame = {
  // Without it psql goes on behind an error, and COMMIT turns into a ROLLBACK that nobody notices.
  header: ['\\set ON_ERROR_STOP on'],
  begin: (transactional) => (transactional ? ['BEGIN;'] : []),
  check: [],
  commit: (transactional) => (transactional ? ['COMMIT;'] : []),
  footer: [],
}
