import { readDump } from '../../../../src/dialect/postgres/observer/read-dump'
import type { ObservedObject } from '../../../../src/dialect/roles/observer'

/** An entry as `pg_dump --no-owner` prints it. */
function entry(type: string, name: string, text: string, more = ''): string {
  return `--\n-- Name: ${name}; Type: ${type}; Schema: public; Owner: -${more}\n--\n\n${text}\n\n\n`
}

function dumpOf(...entries: readonly string[]): string {
  const begin = `--\n-- PostgreSQL database dump\n--\n\n\\restrict abc\n\n-- Dumped by pg_dump version 18.1\n\nSET statement_timeout = 0;\n\n`
  return `${begin}${entries.join('')}--\n-- PostgreSQL database dump complete\n--\n\n\\unrestrict abc\n\n`
}

function read(...entries: readonly string[]): readonly ObservedObject[] {
  return readDump(dumpOf(...entries), { defaultSchema: 'public', ignoreTables: ['migrations'] })
}

const texts = (...entries: readonly string[]): readonly string[] =>
  read(...entries)
    .map(({ text }) => text)
    .toSorted()

describe('what is read of a dump', () => {
  test('is a table, its columns and its checks, each on its own', () => {
    const table = entry(
      'TABLE',
      't',
      `CREATE TABLE public.t (\n    id integer NOT NULL,\n    "a, b" text DEFAULT 'x);  y'::text,\n    CONSTRAINT ck CHECK (\nCASE\n    WHEN (id > 1) THEN true\n    ELSE false\nEND)\n)\nWITH (fillfactor='70');\nALTER TABLE ONLY public.t ALTER COLUMN id SET STATISTICS 7;`,
    )
    expect(read(table)).toEqual([
      {
        kind: 'table',
        table: { name: 't' },
        name: 't',
        text: "CREATE TABLE public.t () WITH (fillfactor='70')",
        declared: 'CREATE TABLE public.t',
      },
      {
        kind: 'column',
        table: { name: 't' },
        name: 'id',
        text: 'COLUMN public.t: id integer NOT NULL',
        declared: 'COLUMN public.t: id integer NOT NULL',
      },
      {
        kind: 'column',
        table: { name: 't' },
        name: 'a, b',
        text: `COLUMN public.t: "a, b" text DEFAULT 'x);  y'::text`,
        declared: `COLUMN public.t: "a, b" text DEFAULT 'x);  y'::text`,
      },
      {
        kind: 'check',
        table: { name: 't' },
        name: 'ck',
        text: 'ALTER TABLE public.t ADD CONSTRAINT ck CHECK ( CASE WHEN (id > 1) THEN true ELSE false END)',
        declared: 'ALTER TABLE public.t ADD CONSTRAINT ck CHECK ( CASE WHEN (id > 1) THEN true ELSE false END)',
        nameless: 'ALTER TABLE public.t ADD CONSTRAINT CHECK ( CASE WHEN (id > 1) THEN true ELSE false END)',
      },
      {
        table: { name: 't' },
        name: 'ALTER TABLE ONLY public.t ALTER COLUMN id SET STATISTICS 7',
        text: 'ALTER TABLE ONLY public.t ALTER COLUMN id SET STATISTICS 7',
        declared: null,
      },
    ])
  })

  test('does not depend on the order of columns', () => {
    expect(texts(entry('TABLE', 't', 'CREATE TABLE public.t (\n    a integer,\n    b text\n);'))).toEqual(
      texts(entry('TABLE', 't', 'CREATE TABLE public.t (\n    b text,\n    a integer\n);')),
    )
  })

  test('does not depend on the name of the sequence of a column', () => {
    const serial = (name: string): readonly string[] =>
      texts(
        entry('SEQUENCE', name, `CREATE SEQUENCE public.${name}\n    START WITH 1;`),
        entry('SEQUENCE OWNED BY', name, `ALTER SEQUENCE public.${name} OWNED BY public.t.id;`),
        entry(
          'DEFAULT',
          't id',
          `ALTER TABLE ONLY public.t ALTER COLUMN id SET DEFAULT nextval('public.${name}'::regclass);`,
        ),
      )
    expect(serial('old_id_seq')).toEqual(serial('t_id_seq'))
    const identity = (name: string): readonly string[] =>
      texts(
        entry(
          'SEQUENCE',
          name,
          `ALTER TABLE public.t ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (\n    SEQUENCE NAME public.${name}\n    START WITH 1\n);`,
        ),
      )
    expect(identity('old_id_seq')).toEqual(identity('t_id_seq'))
    expect(serial('t_id_seq')).not.toEqual(
      texts(entry('SEQUENCE', 's', 'CREATE SEQUENCE public.t_id_seq\n    START WITH 1;')),
    )
  })

  test('does not depend on the names that PostgreSQL 18 gives to NOT NULL', () => {
    const column = (words: string): readonly string[] =>
      texts(entry('TABLE', 't', `CREATE TABLE public.t (\n    a integer ${words}\n);`))
    expect(column('CONSTRAINT old_a_not_null NOT NULL')).toEqual(column('NOT NULL'))
    expect(column('NOT NULL')).not.toEqual(column(''))
  })

  test.each([
    ['a name between quotes', 'COMMENT', 'COLUMN "T".c', `COMMENT ON COLUMN public."T".c IS 'it''s; so';`],
    ['a privilege', 'ACL', 'TABLE t', 'GRANT SELECT ON TABLE public.t TO someone;'],
    ['a policy', 'POLICY', 't p', 'CREATE POLICY p ON public.t USING (true);'],
  ])('keeps %s whole', (_name, type, name, text) => {
    expect(texts(entry(type, name, text))).toEqual([text.slice(0, -1)])
  })

  test('keeps the semicolons of code, and what looks like a comment in it', () => {
    const code =
      'CREATE FUNCTION public.f() RETURNS integer\n    LANGUAGE sql\n    BEGIN ATOMIC\n SELECT 1; -- one\n SELECT 2;\nEND;'
    expect(texts(entry('FUNCTION', 'f()', code))).toEqual([code])
  })

  test('has the tablespace, and none of the settings of the session', () => {
    const table = entry('TABLE', 't', 'CREATE TABLE public.t (\n    a integer\n);', '; Tablespace: fast')
    const set = "SET default_tablespace = '';\n\nSET default_table_access_method = heap;\n\n"
    expect(texts(entry('TYPE', 'e', `CREATE TYPE public.e AS ENUM (\n    'a'\n);`) + set, table)).toEqual([
      'COLUMN public.t: a integer',
      'CREATE TABLE public.t () TABLESPACE fast',
      "CREATE TYPE public.e AS ENUM ( 'a' )",
    ])
  })

  test('has no statistics of rows', () => {
    expect(
      texts(entry('STATISTICS DATA', 't', `SELECT * FROM pg_catalog.pg_restore_relation_stats('relname', 't');`)),
    ).toEqual([])
  })

  test('has nothing of the tables of the tool, and what other schemas have under their name', () => {
    expect(
      texts(
        entry('TABLE', 'migrations', 'CREATE TABLE public.migrations (\n    id integer\n);'),
        entry(
          'CONSTRAINT',
          'migrations pk',
          'ALTER TABLE ONLY public.migrations\n    ADD CONSTRAINT pk PRIMARY KEY (id);',
        ),
        entry('TABLE', 'other', 'CREATE TABLE public.other (\n);'),
      ),
    ).toEqual(['CREATE TABLE public.other ()'])
  })

  test('names objects as patterns of the configuration do', () => {
    const objects = read(
      entry('CONSTRAINT', 't pk', 'ALTER TABLE ONLY s.t\n    ADD CONSTRAINT "P K" PRIMARY KEY (id);'),
      entry(
        'FK CONSTRAINT',
        't fk',
        'ALTER TABLE ONLY public.t\n    ADD CONSTRAINT fk FOREIGN KEY (a) REFERENCES s.t(id);',
      ),
      entry('CONSTRAINT', 't uq', 'ALTER TABLE ONLY public.t\n    ADD CONSTRAINT uq UNIQUE (a);'),
      entry('CONSTRAINT', 't ex', 'ALTER TABLE ONLY public.t\n    ADD CONSTRAINT ex EXCLUDE USING gist (r WITH &&);'),
      entry('INDEX', 'ix', `CREATE INDEX ix ON ONLY public.t USING btree (a) WITH (fillfactor='60') WHERE (a > 1);`),
      entry(
        'TRIGGER',
        't tr',
        'CREATE TRIGGER tr BEFORE INSERT OR UPDATE OF a ON public.t FOR EACH ROW EXECUTE FUNCTION public.f();',
      ),
      entry('VIEW', 'v', 'CREATE VIEW s.v WITH (security_barrier=true) AS\n SELECT 1;'),
      entry('SEQUENCE', 'free', 'CREATE SEQUENCE public.free\n    START WITH 1;'),
    )
    expect(
      objects.map(({ kind, table, name, declared }) => [kind, table?.schema, table?.name, name, declared]),
    ).toEqual([
      ['primaryKey', 's', 't', 'P K', 'ALTER TABLE s.t ADD CONSTRAINT "P K" PRIMARY KEY (id)'],
      ['foreignKey', undefined, 't', 'fk', 'ALTER TABLE public.t ADD CONSTRAINT fk FOREIGN KEY (a) REFERENCES s.t(id)'],
      ['unique', undefined, 't', 'uq', 'ALTER TABLE public.t ADD CONSTRAINT uq UNIQUE (a)'],
      ['exclusion', undefined, 't', 'ex', 'ALTER TABLE public.t ADD CONSTRAINT ex EXCLUDE USING gist (r WITH &&)'],
      ['index', undefined, 't', 'ix', 'CREATE INDEX ix ON public.t USING btree (a) WHERE (a > 1)'],
      ['trigger', undefined, 't', 'tr', null],
      ['view', undefined, undefined, 's.v', 'CREATE VIEW s.v AS SELECT 1'],
      ['sequence', undefined, undefined, 'free', null],
    ])
  })

  test('takes a partition for something that entities do not declare', () => {
    const objects = read(
      entry('TABLE', 'p', 'CREATE TABLE public.p (\n    a integer\n)\nPARTITION BY RANGE (a);'),
      entry('TABLE', 'p1', 'CREATE TABLE public.p1 (\n    a integer\n);'),
      entry('TABLE ATTACH', 'p1', 'ALTER TABLE ONLY public.p ATTACH PARTITION public.p1 FOR VALUES FROM (1) TO (3);'),
      entry('INDEX', 'p1_a_idx', 'CREATE INDEX p1_a_idx ON public.p1 USING btree (a);'),
    )
    expect(objects.flatMap(({ declared }) => declared ?? [])).toEqual([
      'CREATE TABLE public.p',
      'COLUMN public.p: a integer',
    ])
  })
})
