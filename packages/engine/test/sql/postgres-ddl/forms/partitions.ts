import { form, type Group } from '../form'

const partitioned = `
  CREATE TABLE owners (id integer PRIMARY KEY);
  INSERT INTO owners SELECT n FROM generate_series(1, 200) AS n;
  CREATE TABLE events (id integer NOT NULL, day integer NOT NULL, owner_id integer, note text) PARTITION BY RANGE (day);
  CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (0) TO (100);
  CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM (100) TO (200);
  INSERT INTO events SELECT n, n - 1, n, 'x' FROM generate_series(1, 200) AS n;
  ANALYZE owners, events`
const withDefault = `${partitioned};
  CREATE TABLE events_rest PARTITION OF events DEFAULT;
  INSERT INTO events SELECT n, n, 1, 'x' FROM generate_series(1000, 1100) AS n`
const checkedDefault = `${withDefault};
  ALTER TABLE events_rest ADD CONSTRAINT old CHECK (day >= 1000)`
const next = `
  CREATE TABLE events_3 (id integer NOT NULL, day integer NOT NULL, owner_id integer, note text);
  INSERT INTO events_3 SELECT n, n, 1, 'x' FROM generate_series(200, 299) AS n`
const check = 'ALTER TABLE events_3 ADD CONSTRAINT fits CHECK (day >= 200 AND day < 300)'
const attach = 'ALTER TABLE events ATTACH PARTITION events_3 FOR VALUES FROM (200) TO (300)'
const create = 'CREATE TABLE events_3 PARTITION OF events FOR VALUES FROM (200) TO (300)'

function on(setUp: string, title: string, sql: string, more: { since?: number; outside?: true; table?: string } = {}) {
  return form(title, sql, { setUp, table: 'events', ...more })
}

export const partitions: Group = {
  title: 'Partitions',
  forms: [
    on(partitioned, 'create a partition', create),
    on(partitioned, 'create a default partition', 'CREATE TABLE events_rest PARTITION OF events DEFAULT'),
    on(withDefault, 'create a partition beside a default partition', create),
    on(checkedDefault, 'create a partition beside a default partition whose CHECK excludes its rows', create),
    on(`${partitioned};${next}`, 'attach a partition', attach),
    on(`${partitioned};${next};${check}`, 'attach a partition whose CHECK proves that its rows fit', attach),
    on(`${partitioned};${next};${check} NOT VALID`, 'attach a partition with a CHECK that is NOT VALID', attach),
    on(`${withDefault};${next};${check}`, 'attach a partition beside a default partition', attach),
    on(
      `${checkedDefault};${next};${check}`,
      'attach a partition beside a default partition whose CHECK excludes its rows',
      attach,
    ),
    on(
      `${partitioned};${next};${check};ALTER TABLE events ADD FOREIGN KEY (owner_id) REFERENCES owners`,
      'attach a partition to a table with a foreign key',
      attach,
    ),
    on(
      `${partitioned};${next};${check};CREATE INDEX ON events (note)`,
      'attach a partition without the index of the table',
      attach,
    ),
    on(
      `${partitioned};${next};${check};CREATE INDEX ON events (note);CREATE INDEX ON events_3 (note)`,
      'attach a partition that has the index of the table',
      attach,
    ),
    on(partitioned, 'detach a partition', 'ALTER TABLE events DETACH PARTITION events_2'),
    on(withDefault, 'detach a partition beside a default partition', 'ALTER TABLE events DETACH PARTITION events_2'),
    on(partitioned, 'detach a partition concurrently', 'ALTER TABLE events DETACH PARTITION events_2 CONCURRENTLY', {
      since: 14,
      outside: true,
    }),
    on(partitioned, 'drop a partition', 'DROP TABLE events_2'),
    on(partitioned, 'drop a partitioned table', 'DROP TABLE events'),
    on(partitioned, 'truncate a partition', 'TRUNCATE events_2'),
    on(partitioned, 'truncate a partitioned table', 'TRUNCATE events'),
    on(partitioned, 'rename a partition', 'ALTER TABLE events_2 RENAME TO events_two', { table: 'events_2' }),
    on(partitioned, 'rename a partitioned table', 'ALTER TABLE events RENAME TO incidents'),
    on(partitioned, 'add a column to a partitioned table', 'ALTER TABLE events ADD COLUMN extra text'),
    on(partitioned, 'rename a column of a partitioned table', 'ALTER TABLE events RENAME COLUMN note TO remark'),
    on(partitioned, 'change a type in a partitioned table', 'ALTER TABLE events ALTER COLUMN id TYPE bigint'),
    on(partitioned, 'set NOT NULL in a partitioned table', 'ALTER TABLE events ALTER COLUMN note SET NOT NULL'),
    on(partitioned, 'add a CHECK to a partitioned table', 'ALTER TABLE events ADD CHECK (id > 0)'),
    on(partitioned, 'add a primary key to a partitioned table', 'ALTER TABLE events ADD PRIMARY KEY (id, day)'),
    on(
      partitioned,
      'add a foreign key to a partitioned table',
      'ALTER TABLE events ADD FOREIGN KEY (owner_id) REFERENCES owners',
    ),
    on(
      partitioned,
      'add a foreign key with NOT VALID to a partitioned table',
      'ALTER TABLE events ADD FOREIGN KEY (owner_id) REFERENCES owners NOT VALID',
      { since: 18 },
    ),
    on(
      `${partitioned};ALTER TABLE events ADD CONSTRAINT c FOREIGN KEY (owner_id) REFERENCES owners`,
      'drop a foreign key of a partitioned table',
      'ALTER TABLE events DROP CONSTRAINT c',
    ),
    on(
      `${partitioned};ALTER TABLE events ADD CONSTRAINT c CHECK (id > 0) NOT VALID`,
      'validate a CHECK of a partitioned table',
      'ALTER TABLE events VALIDATE CONSTRAINT c',
    ),
    on(partitioned, 'drop a column of a partitioned table', 'ALTER TABLE events DROP COLUMN note'),
    on(
      `${partitioned};ALTER TABLE events ADD PRIMARY KEY (id, day)`,
      'add a foreign key to a partitioned table from another',
      'ALTER TABLE owners ADD COLUMN day integer, ADD FOREIGN KEY (id, day) REFERENCES events',
      { table: 'owners' },
    ),
    on(partitioned, 'create an index on a partitioned table', 'CREATE INDEX ON events (note)'),
    on(partitioned, 'create an index on only the partitioned table', 'CREATE INDEX ON ONLY events (note)'),
    on(
      `${partitioned};CREATE INDEX events_note ON ONLY events (note);CREATE INDEX events_1_note ON events_1 (note)`,
      'attach an index to that of the partitioned table',
      'ALTER INDEX events_note ATTACH PARTITION events_1_note',
    ),
    on(
      `${partitioned};CREATE INDEX events_note ON events (note)`,
      'drop an index of a partitioned table',
      'DROP INDEX events_note',
    ),
    on(
      `${partitioned};CREATE INDEX events_note ON events (note)`,
      'rename an index of a partitioned table',
      'ALTER INDEX events_note RENAME TO ix_events_note',
    ),
    on(
      `${partitioned};CREATE INDEX events_note ON events (note)`,
      'rebuild the indexes of a partitioned table',
      'REINDEX TABLE events',
      { since: 14, outside: true },
    ),
  ],
}
