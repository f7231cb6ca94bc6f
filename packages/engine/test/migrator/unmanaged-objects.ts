import { postgresMajor } from '../../../../tools/testing/databases'

/** Unmanaged objects and their patterns, one of each kind that no entity describes. */
export const unmanaged = {
  sqlite: {
    up: [
      'CREATE INDEX ix_lower ON posts (lower(title))',
      'CREATE INDEX ix_title ON posts (title)',
      `CREATE TRIGGER touch AFTER UPDATE OF body ON posts BEGIN UPDATE posts SET views = views + 1 WHERE id = new.id; END`,
      'CREATE VIEW long_posts AS SELECT id, title FROM posts WHERE length(title) > 3',
      'CREATE TABLE legacy_stats (day text, n integer)',
      'ALTER TABLE posts ADD search text',
    ],
    down: [
      'ALTER TABLE posts DROP COLUMN search',
      'DROP TABLE legacy_stats',
      'DROP VIEW long_posts',
      'DROP TRIGGER touch',
      'DROP INDEX ix_title',
      'DROP INDEX ix_lower',
    ],
    patterns: [
      'column:posts.search',
      'index:posts.ix_lower',
      'index:posts.ix_title',
      'table:legacy_stats',
      'trigger:posts.touch',
      'view:long_posts',
    ],
  },
  postgres: {
    up: [
      'CREATE EXTENSION IF NOT EXISTS pg_trgm',
      'CREATE INDEX ix_gin ON posts USING gin (title gin_trgm_ops)',
      'CREATE INDEX ix_title ON posts (title)',
      `CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.views := NEW.views + 1; RETURN NEW; END $$`,
      // PostgreSQL 14 introduced bodies of parsed statements, whose tables the server tracks.
      `CREATE FUNCTION long_posts() RETURNS bigint ${
        postgresMajor < 14
          ? 'LANGUAGE sql AS $$ SELECT count(*) FROM posts WHERE length(title) > 3 $$'
          : 'BEGIN ATOMIC; SELECT count(*) FROM posts WHERE length(title) > 3; END'
      }`,
      'CREATE TRIGGER touch BEFORE UPDATE OF title, body ON posts FOR EACH ROW EXECUTE FUNCTION touch()',
      'ALTER TABLE posts ENABLE ROW LEVEL SECURITY',
      `CREATE POLICY visible ON posts FOR SELECT USING (title <> 'secret')`,
      `CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%')`,
      'CREATE TABLE events (id int, at date NOT NULL) PARTITION BY RANGE (at)',
      `CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')`,
      'CREATE SEQUENCE tickets INCREMENT BY 5',
      'ALTER TABLE posts ADD search tsvector',
    ],
    down: [
      'ALTER TABLE posts DROP COLUMN search',
      'DROP SEQUENCE tickets',
      'DROP TABLE events',
      'DROP DOMAIN email',
      'DROP POLICY visible ON posts',
      'ALTER TABLE posts DISABLE ROW LEVEL SECURITY',
      'DROP TRIGGER touch ON posts',
      'DROP FUNCTION long_posts',
      'DROP FUNCTION touch',
      'DROP INDEX ix_title',
      'DROP INDEX ix_gin',
    ],
    patterns: [
      'column:posts.search',
      'domain:email',
      'extension:pg_trgm',
      'function:long_posts()',
      'function:touch()',
      'index:posts.ix_gin',
      'index:posts.ix_title',
      'policy:posts.visible',
      'sequence:tickets',
      'table:events',
      'trigger:posts.touch',
    ],
  },
}
