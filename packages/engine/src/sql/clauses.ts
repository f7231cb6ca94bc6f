/** Clauses of constraints, as statements write them and schema values keep them. */

export type ReferentialAction = 'NO ACTION' | 'RESTRICT' | 'CASCADE' | 'SET NULL' | 'SET DEFAULT'

export type Deferrable = 'initially immediate' | 'initially deferred'

/** What SQLite does on a conflict. The default, `ABORT`, is never stored. */
export type ConflictClause = 'ROLLBACK' | 'FAIL' | 'IGNORE' | 'REPLACE'
