import type { ScriptFrame } from '../roles/sql'
import { connectExtensions } from './connect-extensions'
import { scriptSession } from './kept-session'
import { restoreInScript } from './recreated-objects'

/** The frame of an offline script for `psql`. */
export const script: ScriptFrame = {
  // Without it psql continues after an error, and COMMIT silently becomes a ROLLBACK.
  header: ['\\set ON_ERROR_STOP on'],
  connect: connectExtensions,
  statements: (statements) => statements,
  around: restoreInScript,
  begin: (transactional) => (transactional ? ['BEGIN;'] : []),
  check: [],
  commit: (transactional) => (transactional ? ['COMMIT;'] : []),
  footer: [],
  session: scriptSession,
}
