import { form, formWith, type Group } from '../form'

function type(column: string, to: string): string {
  return `ALTER TABLE items ALTER COLUMN ${column} TYPE ${to}`
}

/** A column of its own, filled from `quantity`. */
function column(name: string, definition: string, value: string): string {
  return `ALTER TABLE items ADD COLUMN ${name} ${definition}; UPDATE items SET ${name} = ${value}`
}

export const types: Group = {
  title: 'Types of columns',
  forms: [
    form('widen a varchar', type('code', 'varchar(40)')),
    form('narrow a varchar', type('code', 'varchar(10)')),
    form('remove the limit of a varchar', type('code', 'varchar')),
    form('change varchar to text', type('code', 'text')),
    form('change varchar to char', type('code', 'char(20)')),
    form('change text to varchar', type('note', 'varchar')),
    form('change text to varchar with a limit', type('note', 'varchar(500)')),
    formWith(column('flag', 'char(20)', `'x'`), 'change char to text', type('flag', 'text')),
    formWith(column('flag', 'char(10)', `'x'`), 'widen a char', type('flag', 'char(20)')),
    form('change text to text, the type that it has', type('note', 'text')),
    form('change the collation of a column', type('note', 'text COLLATE "C"')),
    form('change the collation of a column with an index', type('code', 'varchar(20) COLLATE "C"')),
    form('change integer to bigint', type('position', 'bigint')),
    formWith(
      'ALTER TABLE items ADD FOREIGN KEY (owner_id) REFERENCES owners',
      'change integer to bigint where a foreign key refers to the column',
      'ALTER TABLE owners ALTER COLUMN id TYPE bigint',
      { table: 'owners' },
    ),
    formWith(
      'ALTER TABLE items ADD FOREIGN KEY (owner_id) REFERENCES owners',
      'change integer to bigint in a column with a foreign key',
      type('owner_id', 'bigint'),
    ),
    formWith(column('wide', 'bigint', '1'), 'change bigint to integer', type('wide', 'integer')),
    formWith(column('small', 'smallint', '1'), 'change smallint to integer', type('small', 'integer')),
    form('change integer to numeric', type('position', 'numeric')),
    form('change integer to text', type('position', 'text')),
    form('change integer to varchar', type('position', 'varchar(20)')),
    form('change integer to a domain over it', type('position', 'amount')),
    form('change integer to a domain with a CHECK', type('position', 'positive')),
    formWith(column('sum', 'amount', '1'), 'change a domain to its integer', type('sum', 'integer')),
    form('widen the precision of a numeric', type('price', 'numeric(12, 2)')),
    form('narrow the precision of a numeric', type('price', 'numeric(8, 2)')),
    form('change the scale of a numeric', type('price', 'numeric(12, 4)')),
    form('remove the limit of a numeric', type('price', 'numeric')),
    formWith(column('ratio', 'real', '1'), 'change real to double precision', type('ratio', 'double precision')),
    form('change timestamp to timestamptz, in UTC', type('made', 'timestamptz'), {
      before: `SET LOCAL TimeZone = 'UTC'`,
    }),
    form('change timestamp to timestamptz, in another time zone', type('made', 'timestamptz'), {
      before: `SET LOCAL TimeZone = 'Europe/Paris'`,
    }),
    form('change timestamptz to timestamp, in UTC', type('seen', 'timestamp'), {
      before: `SET LOCAL TimeZone = 'UTC'`,
    }),
    form('change timestamptz to timestamp, in another time zone', type('seen', 'timestamp'), {
      before: `SET LOCAL TimeZone = 'Europe/Paris'`,
    }),
    form(
      'change timestamp to timestamptz with USING AT TIME ZONE',
      type('made', `timestamptz USING made AT TIME ZONE 'UTC'`),
    ),
    form('limit the precision of a timestamp', type('made', 'timestamp(3)')),
    formWith(
      column('exact', 'timestamp(3)', 'now()'),
      'remove the limit of the precision of a timestamp',
      type('exact', 'timestamp'),
    ),
    form('change timestamptz to date', type('seen', 'date')),
    formWith(column('took', 'interval', `'1 s'`), 'limit the precision of an interval', type('took', 'interval(3)')),
    form('change text to an enum', type('note', `mood USING 'calm'::mood`)),
    form('change an enum to text', type('mood', 'text')),
    formWith(
      `CREATE TYPE feeling AS ENUM ('calm', 'glad', 'sad')`,
      'change an enum to another enum',
      type('mood', 'feeling USING mood::text::feeling'),
    ),
    form('change text to integer with USING', type('note', 'integer USING note::integer')),
    form('change text to jsonb with USING', type('note', 'jsonb USING to_jsonb(note)')),
    form('change text to varchar with USING the column itself', type('note', 'varchar USING note')),
    form('change varchar to text with USING a cast to text', type('code', 'text USING code::text')),
    form('widen a varchar with USING a cast to the new type', type('code', 'varchar(40) USING code::varchar(40)')),
    form('change json to jsonb', type('body', 'jsonb')),
    formWith(column('data', 'jsonb', `'{}'`), 'change jsonb to json', type('data', 'json')),
    formWith(column('data', 'jsonb', `'{}'`), 'change jsonb to text', type('data', 'text')),
    formWith(
      column('token', 'text', 'gen_random_uuid()::text'),
      'change text to uuid with USING',
      type('token', 'uuid USING token::uuid'),
    ),
    formWith(
      column('active', 'boolean', 'true'),
      'change boolean to integer with USING',
      type('active', 'integer USING active::integer'),
    ),
    formWith(column('bits', 'varbit(8)', `B'1'`), 'widen a bit varying', type('bits', 'varbit(16)')),
    formWith(column('address', 'cidr', `'10.0.0.0/8'`), 'change cidr to inet', type('address', 'inet')),
    form('change an array of varchar to an array of text', type('tags', 'text[]')),
    form('widen the varchar of an array', type('tags', 'varchar(40)[]')),
    form(
      'change two types that need no rewrite',
      'ALTER TABLE items ALTER COLUMN code TYPE text, ALTER COLUMN price TYPE numeric',
    ),
    form(
      'change two types, one of which needs a rewrite',
      'ALTER TABLE items ALTER COLUMN code TYPE text, ALTER COLUMN position TYPE bigint',
    ),
    formWith(
      `ALTER TABLE items ADD CONSTRAINT short CHECK (code <> '')`,
      'widen a varchar that a CHECK uses',
      type('code', 'varchar(40)'),
    ),
    formWith(
      'CREATE INDEX items_lower ON items (lower(code))',
      'widen a varchar that an index of an expression uses',
      type('code', 'varchar(40)'),
    ),
    formWith(
      `CREATE INDEX items_some ON items (id) WHERE code > ''`,
      'widen a varchar that the condition of an index uses',
      type('code', 'varchar(40)'),
    ),
    formWith(
      'ALTER TABLE items ADD UNIQUE (note)',
      'change text to varchar under a UNIQUE constraint',
      type('note', 'varchar'),
    ),
  ],
}
