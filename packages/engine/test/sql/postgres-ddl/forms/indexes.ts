import { form, formWith, otherTablespace, type Group } from '../form'

export const indexes: Group = {
  title: 'Indexes',
  forms: [
    form('create an index', 'CREATE INDEX i ON items (note)'),
    form(
      'create an index that exists already, with IF NOT EXISTS',
      'CREATE INDEX IF NOT EXISTS items_code ON items (note)',
    ),
    form('create a unique index', 'CREATE UNIQUE INDEX i ON items (note)'),
    form('create an index of an expression', 'CREATE INDEX i ON items (lower(note))'),
    form('create an index of some rows', 'CREATE INDEX i ON items (note) WHERE quantity > 100'),
    form('create an index with further columns', 'CREATE INDEX i ON items (note) INCLUDE (quantity)'),
    form('create a GIN index', 'CREATE INDEX i ON items USING gin (tags)'),
    form('create a BRIN index', 'CREATE INDEX i ON items USING brin (made)'),
    form('create an index concurrently', 'CREATE INDEX CONCURRENTLY i ON items (note)', { outside: true }),
    form('create a unique index concurrently', 'CREATE UNIQUE INDEX CONCURRENTLY i ON items (note)', { outside: true }),
    form(
      'create an index concurrently that exists already, with IF NOT EXISTS',
      'CREATE INDEX CONCURRENTLY IF NOT EXISTS items_code ON items (note)',
      { outside: true },
    ),
    form('drop an index', 'DROP INDEX items_code'),
    form('drop an index that does not exist, with IF EXISTS', 'DROP INDEX IF EXISTS nothing'),
    form('drop an index concurrently', 'DROP INDEX CONCURRENTLY items_code', { outside: true }),
    form('rebuild an index', 'REINDEX INDEX items_code'),
    form('rebuild an index concurrently', 'REINDEX INDEX CONCURRENTLY items_code', { outside: true }),
    form('rebuild all indexes of a table', 'REINDEX TABLE items'),
    form('rebuild all indexes of a table concurrently', 'REINDEX TABLE CONCURRENTLY items', { outside: true }),
    form('rename an index', 'ALTER INDEX items_code RENAME TO ix_items_code'),
    form('set an option of an index', 'ALTER INDEX items_code SET (fillfactor = 80)'),
    form('reset an option of an index', 'ALTER INDEX items_code RESET (fillfactor)'),
    formWith(
      'CREATE INDEX i ON items (lower(note))',
      'set the statistics target of an index of an expression',
      'ALTER INDEX i ALTER COLUMN 1 SET STATISTICS 500',
    ),
    form('move an index to another tablespace', `ALTER INDEX items_code SET TABLESPACE ${otherTablespace}`),
  ],
}
