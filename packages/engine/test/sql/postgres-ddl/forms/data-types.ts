import { form, formWith, type Group } from '../form'

const pair = 'CREATE TYPE pair AS (a integer, b integer); CREATE TABLE pairs OF pair; INSERT INTO pairs VALUES (1, 2)'
const domainColumn = 'ALTER TABLE items ADD COLUMN sum amount; UPDATE items SET sum = 1'
const serial = 'ALTER TABLE items ADD COLUMN number serial'

export const dataTypes: Group = {
  title: 'Types, domains, sequences, schemas',
  forms: [
    form('create an enum', `CREATE TYPE feeling AS ENUM ('calm', 'glad')`),
    form('add a value to an enum', `ALTER TYPE mood ADD VALUE 'sad'`),
    form('add a value to an enum before another', `ALTER TYPE mood ADD VALUE 'sad' BEFORE 'glad'`),
    form('rename a value of an enum', `ALTER TYPE mood RENAME VALUE 'glad' TO 'happy'`),
    form('rename a type', 'ALTER TYPE mood RENAME TO feeling'),
    formWith(`CREATE TYPE unused AS ENUM ('a')`, 'drop a type that nothing uses', 'DROP TYPE unused'),
    form('drop a type that a column has, with CASCADE', 'DROP TYPE mood CASCADE'),
    formWith(pair, 'add an attribute to a type of tables', 'ALTER TYPE pair ADD ATTRIBUTE c integer CASCADE', {
      table: 'pairs',
    }),
    formWith(pair, 'change an attribute of a type of tables', 'ALTER TYPE pair ALTER ATTRIBUTE b TYPE bigint CASCADE', {
      table: 'pairs',
    }),
    formWith(pair, 'rename an attribute of a type of tables', 'ALTER TYPE pair RENAME ATTRIBUTE b TO c CASCADE', {
      table: 'pairs',
    }),
    formWith(pair, 'drop an attribute of a type of tables', 'ALTER TYPE pair DROP ATTRIBUTE b CASCADE', {
      table: 'pairs',
    }),
    form('create a domain', 'CREATE DOMAIN even AS integer CHECK (VALUE % 2 = 0)'),
    formWith(domainColumn, 'add a CHECK to a domain', 'ALTER DOMAIN amount ADD CONSTRAINT c CHECK (VALUE > 0)'),
    formWith(
      domainColumn,
      'add a CHECK to a domain with NOT VALID',
      'ALTER DOMAIN amount ADD CONSTRAINT c CHECK (VALUE > 0) NOT VALID',
    ),
    formWith(
      `${domainColumn}; ALTER DOMAIN amount ADD CONSTRAINT c CHECK (VALUE > 0) NOT VALID`,
      'validate a CHECK of a domain',
      'ALTER DOMAIN amount VALIDATE CONSTRAINT c',
    ),
    formWith(domainColumn, 'set NOT NULL on a domain', 'ALTER DOMAIN amount SET NOT NULL'),
    formWith(domainColumn, 'set a default of a domain', 'ALTER DOMAIN amount SET DEFAULT 1'),
    formWith(domainColumn, 'drop a domain that a column has, with CASCADE', 'DROP DOMAIN amount CASCADE'),
    formWith(
      'ALTER DOMAIN amount ADD CONSTRAINT c CHECK (VALUE > 0)',
      'drop a CHECK of a domain',
      'ALTER DOMAIN amount DROP CONSTRAINT c',
    ),
    form('rename a domain', 'ALTER DOMAIN amount RENAME TO quantity'),
    form('create a sequence', 'CREATE SEQUENCE numbers'),
    formWith('CREATE SEQUENCE numbers', 'restart a sequence', 'ALTER SEQUENCE numbers RESTART'),
    formWith('CREATE SEQUENCE numbers', 'change the type of a sequence', 'ALTER SEQUENCE numbers AS integer'),
    formWith('CREATE SEQUENCE numbers', 'give a sequence to a column', 'ALTER SEQUENCE numbers OWNED BY items.id'),
    formWith('CREATE SEQUENCE numbers', 'rename a sequence', 'ALTER SEQUENCE numbers RENAME TO figures'),
    formWith(serial, 'restart the sequence of a column', 'ALTER SEQUENCE items_number_seq RESTART'),
    formWith(
      'CREATE SCHEMA archive_of_numbers; CREATE SEQUENCE numbers',
      'move a sequence to another schema',
      'ALTER SEQUENCE numbers SET SCHEMA archive_of_numbers',
    ),
    formWith('CREATE SEQUENCE numbers', 'make a sequence unlogged', 'ALTER SEQUENCE numbers SET UNLOGGED', {
      since: 15,
    }),
    formWith('CREATE SEQUENCE numbers', 'set the position of a sequence', `SELECT setval('numbers', 100)`),
    formWith('CREATE SEQUENCE numbers', 'drop a sequence', 'DROP SEQUENCE numbers'),
    formWith(serial, 'drop the sequence of a column, with CASCADE', 'DROP SEQUENCE items_number_seq CASCADE'),
    form('create a schema', 'CREATE SCHEMA archive'),
    formWith('CREATE SCHEMA archive_1', 'rename a schema', 'ALTER SCHEMA archive_1 RENAME TO archive'),
    formWith(
      `CREATE SCHEMA archive_2; CREATE TABLE archive_2.old (id integer)`,
      'drop a schema with its tables',
      'DROP SCHEMA archive_2 CASCADE',
      { table: 'archive_2.old' },
    ),
  ],
}
