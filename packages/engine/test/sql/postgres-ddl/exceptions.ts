/**
 * What the text of a statement cannot announce, because only the catalog knows it: for each reason, the titles of forms with what they
 * do that is not announced, or do not do that is.
 */
const exceptions: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'the old type of the column decides, and the time zone of the session': {
    'narrow a varchar': ['rewrites items'],
    'change text to varchar with a limit': ['rewrites items'],
    'change char to text': ['rewrites items'],
    'change integer to text': ['rewrites items'],
    'change integer to varchar': ['rewrites items'],
    'change an enum to text': ['rewrites items'],
    'change jsonb to text': ['rewrites items'],
    'change integer to a domain over it': ['does not rewrite items'],
    'change a domain to its integer': ['does not rewrite items'],
    'widen the precision of a numeric': ['does not rewrite items'],
    'remove the limit of a numeric': ['does not rewrite items'],
    'change timestamp to timestamptz, in UTC': ['does not rewrite items'],
    'change timestamptz to timestamp, in UTC': ['does not rewrite items'],
    'remove the limit of the precision of a timestamp': ['does not rewrite items'],
    'widen a bit varying': ['does not rewrite items'],
    'change cidr to inet': ['does not rewrite items'],
    'change two types that need no rewrite': ['does not rewrite items'],
  },
  'the definition of a function, a domain or a generated column decides': {
    'add a column with a function of your own that is IMMUTABLE as its default': ['does not rewrite items'],
    'add a column of a domain with a CHECK': ['rewrites items'],
    'add a column of a domain with a CHECK, and a default': ['rewrites items'],
    'change the expression of a virtual generated column': ['does not rewrite items'],
  },
  'the other table of a foreign key is not named': {
    'drop a column with a foreign key': ['takes ACCESS EXCLUSIVE owners'],
    'change integer to bigint where a foreign key refers to the column': ['takes ACCESS EXCLUSIVE items'],
    'change integer to bigint in a column with a foreign key': ['takes ACCESS EXCLUSIVE owners'],
    'enforce a foreign key': ['takes SHARE ROW EXCLUSIVE owners'],
    'drop a primary key that a foreign key refers to, with CASCADE': ['takes ACCESS EXCLUSIVE items'],
    'drop a foreign key': ['takes ACCESS EXCLUSIVE owners'],
    'drop a foreign key of a partitioned table': ['takes ACCESS EXCLUSIVE owners'],
    'truncate a table and those that refer to it': ['takes ACCESS EXCLUSIVE items'],
    'drop a table with a foreign key': ['takes ACCESS EXCLUSIVE owners'],
    'drop a table that a foreign key refers to, with CASCADE': ['takes ACCESS EXCLUSIVE items'],
    'attach a partition to a table with a foreign key': ['takes SHARE ROW EXCLUSIVE owners'],
  },
  'the table of an index, or the indexes of a table, are not named': {
    'drop an index': ['takes ACCESS EXCLUSIVE items'],
    'rebuild an index': ['takes SHARE items'],
    'rebuild all indexes of a table': ['code', 'made', 'pkey', 'quantity', 'seen'].map(
      (name) => `takes ACCESS EXCLUSIVE index items_${name}`,
    ),
    'drop an index of a partitioned table': [
      'takes ACCESS EXCLUSIVE events',
      'takes ACCESS EXCLUSIVE events_1',
      'takes ACCESS EXCLUSIVE events_2',
    ],
    'rebuild the indexes of a partitioned table': [
      'takes ACCESS EXCLUSIVE index events_1_note_idx',
      'takes ACCESS EXCLUSIVE index events_2_note_idx',
      'cannot run in a transaction',
    ],
  },
  'the default partition, or the table of a partition, is not named': {
    'create a partition beside a default partition': ['takes ACCESS EXCLUSIVE events_rest'],
    'create a partition beside a default partition whose CHECK excludes its rows': [
      'takes ACCESS EXCLUSIVE events_rest',
    ],
    'attach a partition beside a default partition': ['takes ACCESS EXCLUSIVE events_rest'],
    'attach a partition beside a default partition whose CHECK excludes its rows': [
      'takes ACCESS EXCLUSIVE events_rest',
    ],
    'detach a partition beside a default partition': ['takes ACCESS EXCLUSIVE events_rest'],
    'drop a partition': ['takes ACCESS EXCLUSIVE events'],
  },
  'the tables that use what the statement names are not named': {
    'drop a column that a view uses, with CASCADE': ['takes ACCESS EXCLUSIVE notes'],
    'drop a table that a view uses, with CASCADE': ['takes ACCESS EXCLUSIVE notes'],
    'add a column to a table from which another inherits': ['takes ACCESS EXCLUSIVE items'],
    'move all tables of a tablespace to another': [
      'takes ACCESS EXCLUSIVE items',
      'takes ACCESS EXCLUSIVE owners',
      'rewrites items',
      'rewrites owners',
    ],
    'drop the function of a trigger, with CASCADE': ['takes ACCESS EXCLUSIVE items'],
    'drop a type that a column has, with CASCADE': ['takes ACCESS EXCLUSIVE items'],
    'add an attribute to a type of tables': ['takes ACCESS EXCLUSIVE pairs'],
    'rename an attribute of a type of tables': ['takes ACCESS EXCLUSIVE pairs'],
    'drop an attribute of a type of tables': ['takes ACCESS EXCLUSIVE pairs'],
    'change an attribute of a type of tables': ['takes ACCESS EXCLUSIVE pairs', 'rewrites pairs'],
    'add a CHECK to a domain': ['takes SHARE items'],
    'validate a CHECK of a domain': ['takes SHARE items'],
    'set NOT NULL on a domain': ['takes SHARE items'],
    'drop a domain that a column has, with CASCADE': ['takes ACCESS EXCLUSIVE items'],
    'drop the sequence of a column, with CASCADE': ['takes ACCESS EXCLUSIVE items'],
    'drop a schema with its tables': ['takes ACCESS EXCLUSIVE archive_2.old'],
  },
}

/** {@link exceptions} by the title of the form. */
export const unseen: ReadonlyMap<string, readonly string[]> = new Map(
  Object.values(exceptions).flatMap((forms) => Object.entries(forms)),
)
