import { form, formWith, otherTablespace, type Group } from '../form'

const view = 'CREATE VIEW notes AS SELECT id, note FROM items'
const stored = `
  CREATE MATERIALIZED VIEW totals AS SELECT id, quantity FROM items;
  CREATE UNIQUE INDEX totals_id ON totals (id)`

export const views: Group = {
  title: 'Views and materialized views',
  forms: [
    form('create a view', view),
    formWith(view, 'replace a view', 'CREATE OR REPLACE VIEW notes AS SELECT id, note, code FROM items', {
      table: 'notes',
    }),
    formWith(view, 'drop a view', 'DROP VIEW notes', { table: 'notes' }),
    formWith(view, 'rename a view', 'ALTER VIEW notes RENAME TO remarks', { table: 'notes' }),
    formWith(view, 'rename a column of a view', 'ALTER VIEW notes RENAME COLUMN note TO remark', { table: 'notes' }),
    formWith(
      `CREATE SCHEMA archive_of_notes; ${view}`,
      'move a view to another schema',
      'ALTER VIEW notes SET SCHEMA archive_of_notes',
      { table: 'notes' },
    ),
    formWith(view, 'set an option of a view', 'ALTER VIEW notes SET (security_barrier = true)', { table: 'notes' }),
    formWith(view, 'set a default in a view', `ALTER VIEW notes ALTER COLUMN note SET DEFAULT 'x'`, { table: 'notes' }),
    formWith(view, 'change the owner of a view', 'ALTER VIEW notes OWNER TO pg_monitor', { table: 'notes' }),
    form('create a materialized view', 'CREATE MATERIALIZED VIEW totals AS SELECT id, quantity FROM items'),
    form(
      'create a materialized view with no data',
      'CREATE MATERIALIZED VIEW totals AS SELECT id, quantity FROM items WITH NO DATA',
    ),
    formWith(stored, 'refresh a materialized view', 'REFRESH MATERIALIZED VIEW totals', { table: 'totals' }),
    formWith(stored, 'refresh a materialized view concurrently', 'REFRESH MATERIALIZED VIEW CONCURRENTLY totals', {
      table: 'totals',
    }),
    formWith(stored, 'empty a materialized view', 'REFRESH MATERIALIZED VIEW totals WITH NO DATA', { table: 'totals' }),
    formWith(stored, 'create an index on a materialized view', 'CREATE INDEX ON totals (quantity)', {
      table: 'totals',
    }),
    formWith(stored, 'set an option of a materialized view', 'ALTER MATERIALIZED VIEW totals SET (fillfactor = 80)', {
      table: 'totals',
    }),
    formWith(
      stored,
      'move a materialized view to another tablespace',
      `ALTER MATERIALIZED VIEW totals SET TABLESPACE ${otherTablespace}`,
      { table: 'totals' },
    ),
    formWith(stored, 'rename a materialized view', 'ALTER MATERIALIZED VIEW totals RENAME TO sums', {
      table: 'totals',
    }),
    formWith(stored, 'drop a materialized view', 'DROP MATERIALIZED VIEW totals', { table: 'totals' }),
  ],
}
