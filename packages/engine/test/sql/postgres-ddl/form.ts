/** One form of a DDL statement, on a table with rows. */
export interface Form extends Options {
  /** In plain words; no two forms have the same. */
  readonly title: string
  readonly sql: string
}

interface Options {
  /** What exists before, committed. Default is {@link base}. */
  readonly setUp?: string
  /** Statements of the same session that come before: settings. */
  readonly before?: string
  /** The first version of the server that accepts it. Default is 13. */
  readonly since?: number
  /** It cannot run in a transaction. */
  readonly outside?: true
  /** The table that it is about. Default is `items`. */
  readonly table?: string
}

/** Forms with a common heading. */
export interface Group {
  readonly title: string
  readonly forms: readonly Form[]
}

export function form(title: string, sql: string, options: Options = {}): Form {
  return { title, sql, ...options }
}

/** {@link form}, with a set-up that comes after {@link base}. */
export function formWith(extra: string, title: string, sql: string, options: Options = {}): Form {
  return form(title, sql, { ...options, setUp: `${base};\n${extra}` })
}

/** The place of a second tablespace in a statement: the name must be unique on the server. */
export const otherTablespace = 'elsewhere'

/** Two tables with rows, the second of which refers to the first. */
export const base = `
  CREATE TYPE mood AS ENUM ('calm', 'glad');
  CREATE DOMAIN amount AS integer;
  CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
  CREATE TABLE owners (id integer PRIMARY KEY, name text NOT NULL);
  CREATE TABLE items (
    id integer PRIMARY KEY,
    owner_id integer,
    parent_id integer,
    code varchar(20),
    note text,
    price numeric(10, 2),
    quantity integer NOT NULL DEFAULT 1,
    position integer,
    made timestamp,
    seen timestamptz,
    mood mood,
    body json,
    tags varchar(20)[],
    during tsrange,
    doubled integer GENERATED ALWAYS AS (quantity * 2) STORED
  );
  CREATE INDEX items_code ON items (code);
  CREATE INDEX items_quantity ON items (quantity);
  CREATE INDEX items_made ON items (made);
  CREATE INDEX items_seen ON items (seen);
  INSERT INTO owners SELECT n, 'owner ' || n FROM generate_series(1, 200) AS n;
  INSERT INTO items
    SELECT n, n, n, 'c' || n, n::text, n, n, n, timestamp '2026-01-01' + n * interval '1 hour',
      timestamptz '2026-01-01 00:00Z' + n * interval '1 hour', 'calm', '{}', '{a}', tsrange(NULL, NULL, '()') * 'empty'
    FROM generate_series(1, 200) AS n;
  ANALYZE owners, items`
