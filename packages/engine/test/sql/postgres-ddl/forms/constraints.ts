import { form, formWith, type Group } from '../form'

const add = 'ALTER TABLE items ADD CONSTRAINT c'
const bare = `
  CREATE TABLE bare (id integer NOT NULL, other integer);
  INSERT INTO bare SELECT n, n FROM generate_series(1, 200) AS n;
  CREATE UNIQUE INDEX bare_id ON bare (id);
  CREATE UNIQUE INDEX bare_other ON bare (other);
  ANALYZE bare`
const refers = 'ALTER TABLE items ADD CONSTRAINT c FOREIGN KEY (owner_id) REFERENCES owners'

export const constraints: Group = {
  title: 'Constraints',
  forms: [
    form('add a CHECK', `${add} CHECK (quantity > 0)`),
    form('add a CHECK with NOT VALID', `${add} CHECK (quantity > 0) NOT VALID`),
    form('add a CHECK with NOT ENFORCED', `${add} CHECK (quantity > 0) NOT ENFORCED`, { since: 18 }),
    formWith(`${add} CHECK (quantity > 0) NOT VALID`, 'validate a CHECK', 'ALTER TABLE items VALIDATE CONSTRAINT c'),
    formWith(
      `${add} CHECK (quantity > 0)`,
      'validate a CHECK that is valid already',
      'ALTER TABLE items VALIDATE CONSTRAINT c',
    ),
    form('add a NOT NULL constraint', `${add} NOT NULL note`, { since: 18 }),
    form('add a NOT NULL constraint with NOT VALID', `${add} NOT NULL note NOT VALID`, { since: 18 }),
    formWith(
      `${add} NOT NULL note NOT VALID`,
      'validate a NOT NULL constraint',
      'ALTER TABLE items VALIDATE CONSTRAINT c',
      { since: 18 },
    ),
    form('add a UNIQUE constraint', `${add} UNIQUE (position)`),
    form('add a UNIQUE constraint with NULLS NOT DISTINCT', `${add} UNIQUE NULLS NOT DISTINCT (position)`, {
      since: 15,
    }),
    formWith(
      'CREATE UNIQUE INDEX ready ON items (position)',
      'add a UNIQUE constraint with a finished index',
      `${add} UNIQUE USING INDEX ready`,
    ),
    formWith(bare, 'add a primary key', 'ALTER TABLE bare ADD PRIMARY KEY (id)', { table: 'bare' }),
    formWith(bare, 'add a primary key to a column without NOT NULL', 'ALTER TABLE bare ADD PRIMARY KEY (other)', {
      table: 'bare',
    }),
    formWith(bare, 'add a primary key with a finished index', 'ALTER TABLE bare ADD PRIMARY KEY USING INDEX bare_id', {
      table: 'bare',
    }),
    formWith(
      bare,
      'add a primary key with a finished index, on a column without NOT NULL',
      'ALTER TABLE bare ADD PRIMARY KEY USING INDEX bare_other',
      { table: 'bare' },
    ),
    form('add an exclusion constraint', `${add} EXCLUDE USING gist (during WITH &&)`),
    form('add a foreign key', refers),
    form('add a foreign key with ON DELETE CASCADE', `${refers} ON DELETE CASCADE`),
    form('add a foreign key with NOT VALID', `${refers} NOT VALID`),
    form('add a foreign key with NOT ENFORCED', `${refers} NOT ENFORCED`, { since: 18 }),
    form('add a foreign key to the table itself', `${add} FOREIGN KEY (parent_id) REFERENCES items`),
    formWith(`${refers} NOT VALID`, 'validate a foreign key', 'ALTER TABLE items VALIDATE CONSTRAINT c'),
    form(
      'add a column and a CHECK with NOT VALID in one statement',
      'ALTER TABLE items ADD COLUMN extra integer, ADD CONSTRAINT c CHECK (extra > 0) NOT VALID',
    ),
    formWith(refers, 'make a foreign key deferrable', 'ALTER TABLE items ALTER CONSTRAINT c DEFERRABLE'),
    formWith(`${refers} NOT ENFORCED`, 'enforce a foreign key', 'ALTER TABLE items ALTER CONSTRAINT c ENFORCED', {
      since: 18,
    }),
    formWith(`${add} CHECK (quantity > 0)`, 'drop a CHECK', 'ALTER TABLE items DROP CONSTRAINT c'),
    formWith(`${add} UNIQUE (position)`, 'drop a UNIQUE constraint', 'ALTER TABLE items DROP CONSTRAINT c'),
    form('drop a primary key', 'ALTER TABLE items DROP CONSTRAINT items_pkey'),
    formWith(
      refers,
      'drop a primary key that a foreign key refers to, with CASCADE',
      'ALTER TABLE owners DROP CONSTRAINT owners_pkey CASCADE',
      { table: 'owners' },
    ),
    formWith(refers, 'drop a foreign key', 'ALTER TABLE items DROP CONSTRAINT c'),
    form('drop a NOT NULL constraint', 'ALTER TABLE items DROP CONSTRAINT items_quantity_not_null', { since: 18 }),
    form(
      'drop a constraint that does not exist, with IF EXISTS',
      'ALTER TABLE items DROP CONSTRAINT IF EXISTS nothing',
    ),
    form('rename a constraint', 'ALTER TABLE items RENAME CONSTRAINT items_pkey TO pk_items'),
  ],
}
