import { format, resolveConfig } from 'prettier'
import { join } from 'node:path'
import { root } from '../../lib/process.mjs'

/** @typedef {import('./data.mjs').Data} Data */
/** @typedef {import('./data.mjs').MeasuredForm} MeasuredForm */
/** @typedef {import('./data.mjs').Result} Result */

export const pageFile = join(root, 'docs', 'locks.md')

/** @param {Data} data */
function introduction({ servers, groups }) {
  const versions = Object.keys(servers)
  const count = groups.reduce((sum, { forms }) => sum + forms.length, 0)
  return `# What DDL locks on PostgreSQL

${count} forms of DDL on PostgreSQL ${versions[0]} to ${versions.at(-1)}, and what each of them does to tables that are in use: which locks it takes,
whether it writes all rows anew, reads all of them, or builds indexes anew. The tables are measured on real servers, not copied from
a manual, and a test measures them again. \`aludel migrate upgrade\` waits for these locks as
[Deployment](deployment.md#postgresql-tables-in-use) describes.

A lock lasts until the end of the transaction. What takes a moment on an empty table takes as long as a rewrite or a scan on a large
one, so look at the columns together: \`ACCESS EXCLUSIVE\` without a rewrite and without a scan is over in milliseconds, once the
statement has got the lock. While it waits for the lock, everybody who comes later waits behind it.

## What surprises

- Dropping a foreign key, or a table or column with one, locks the other table with \`ACCESS EXCLUSIVE\`, too.
- Dropping a partition locks the whole table. \`DETACH PARTITION … CONCURRENTLY\` before it avoids that, but only if there is no
  default partition.
- Creating or attaching a partition locks the default partition, and reads it unless a CHECK excludes the new rows from it.
- \`ADD COLUMN IF NOT EXISTS\`, \`DROP COLUMN IF EXISTS\`, \`DROP CONSTRAINT IF EXISTS\` and \`CREATE INDEX IF NOT EXISTS\` lock the
  table even if there is nothing to do.
- Adding a column of a domain with a CHECK rewrites the table, even without a default.
- Changing \`timestamp\` to \`timestamptz\` or back rewrites nothing in a session whose time zone is UTC: only
  the indexes of the column are built anew.
- \`REINDEX\` blocks reading as well: to plan a query, the server waits for the lock on the index.
- Renaming an index does not touch the table.

## What the locks block

| Lock | Blocks | Does not block |
| --- | --- | --- |
| \`ACCESS EXCLUSIVE\` | everybody: reading, writing, DDL, VACUUM | |
| \`EXCLUSIVE\` | writing, \`SELECT … FOR UPDATE\`, DDL, VACUUM | reading |
| \`SHARE ROW EXCLUSIVE\` | writing, DDL, VACUUM | reading, \`SELECT … FOR UPDATE\` |
| \`SHARE\` | writing, DDL except another \`SHARE\`, VACUUM | reading, \`SELECT … FOR UPDATE\` |
| \`SHARE UPDATE EXCLUSIVE\` | DDL, VACUUM, ANALYZE | reading, writing |
| \`ROW EXCLUSIVE\`, of whoever writes | \`SHARE\` and all above it in this table | reading, writing |
| \`ROW SHARE\`, of \`SELECT … FOR UPDATE\` | \`EXCLUSIVE\`, \`ACCESS EXCLUSIVE\` | reading, writing |
| \`ACCESS SHARE\`, of whoever reads | \`ACCESS EXCLUSIVE\` | everything else |

The locks of tables are those of [the manual](https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES). An
\`ACCESS EXCLUSIVE\` lock on an index blocks everybody who plans a query on its table, because the planner looks at all indexes.

## How to read the tables

- **Lock**: on the table that the statement is about. An empty cell: none.
- **Other locks**: on other tables, on views, and on indexes. An index is listed only if its lock blocks somebody whom the lock on its
  table does not.
- **Rewrite**: all rows are written anew, into a new file. The table takes up to twice its space until the transaction ends.
  \`TRUNCATE\` has one because it starts a new, empty file.
- **Scan**: all rows are read, to build an index or to check them. The check of a foreign key reads the table that refers, and either
  reads the other one or looks values up in it, as the planner chooses.
- **Indexes**: those that are built anew. Indexes that the statement creates are not listed; building them is a scan.
- **Versions**: only where not all of ${versions[0]} to ${versions.at(-1)} accept the statement, or where they differ.

In the examples, \`items\` and \`owners\` are tables with 200 rows. \`items\` has a primary key, indexes on \`code varchar(20)\`,
\`quantity integer\`, \`made timestamp\` and \`seen timestamptz\`, and no other constraint unless the form names one. \`events\` is
partitioned by range, with rows in \`events_1\` and \`events_2\`; \`notes\` is a view, and \`totals\` a materialized view.
`
}

/** @param {Data} data */
function ending({ servers }) {
  return `## How it was measured

The servers are PostgreSQL ${Object.values(servers).join(', ')}. Each statement runs in a transaction. Before and after it, the session
reads its own locks in \`pg_locks\`, the files of all tables and indexes (\`pg_relation_filenode\`: a rewrite gives a table another
file), and how often the transaction has read each table (\`pg_stat_get_xact_numscans\`).

A statement that cannot run in a transaction (marked *) holds no lock when it has ended. Another session lets it wait: for a reader, for a
writer, and for a statement like VACUUM, on each of the tables in turn. Meanwhile a third session reads in \`pg_locks\` what the
statement has and what it waits for. The strongest of all these locks is listed. Such a statement waits longer than others: those with
\`CONCURRENTLY\` wait for every transaction that uses the table, and let others through while they wait. VACUUM and ANALYZE read
rows without a scan that the server would count. VACUUM also takes \`ACCESS EXCLUSIVE\` for a moment to give
[empty pages](https://www.postgresql.org/docs/current/sql-vacuum.html) at the end of a table back to the system; these tables have none.

Rows and catalogs decide in some cases: a type change rewrites the table or not depending on the old type, a partition is
scanned or not depending on its constraints. The tables have a row for each case that is known to differ. To see what a statement does
to your tables, run it in a transaction on a copy.
`
}

/**
 * The text of docs/locks.md.
 *
 * @param {Data} data
 * @returns {Promise<string>}
 */
export async function lockPage(data) {
  const all = versionsOf(data)
  const sections = data.groups.map(
    ({ title, forms }) => `## ${title}

| Statement | Lock | Other locks | Rewrite | Scan | Indexes | Versions |
| --- | --- | --- | --- | --- | --- | --- |
${forms.flatMap((form) => rowsOf(form, all)).join('\n')}
`,
  )
  const text = [introduction(data), ...sections, ending(data)].join('\n')
  return format(text, { ...(await resolveConfig(pageFile)), parser: 'markdown' })
}

/**
 * @param {Data} data
 * @returns {readonly [number, number]}
 */
function versionsOf({ servers }) {
  const versions = Object.keys(servers).map(Number)
  return [Math.min(...versions), Math.max(...versions)]
}

/**
 * The newest versions come first.
 *
 * @param {MeasuredForm} form
 * @param {readonly [number, number]} all
 */
function rowsOf(form, [first, last]) {
  const statement = `${form.title}${form.outside === true ? ' \\*' : ''}<br>\`${form.sql.replaceAll('|', '\\|')}\``
  return form.measured.toReversed().map(({ versions: [from, to], ...result }, index) => {
    const versions =
      from === first && to === last ? '' : to === last ? `from ${from}` : from === to ? `${from}` : `${from} to ${to}`
    const cells = [index === 0 ? statement : '… the same', ...cellsOf(form.table, result), versions]
    return `| ${cells.join(' | ')} |`
  })
}

/**
 * @param {string} table
 * @param {Result} result
 */
function cellsOf(table, { locks = [], rewrites = [], rebuilds = [], scans = [] }) {
  const own = locks.map(partsOf).find(({ object }) => object === table)
  const others = locks.map(partsOf).filter(({ object }) => object !== table)
  const levels = [...new Set(others.map(({ level }) => level))]
  return [
    own === undefined ? '' : `\`${own.level}\``,
    levels.map((level) => `\`${level}\` on ${namesOf(others.filter((lock) => lock.level === level))}`).join('; '),
    tables(rewrites, table),
    tables(scans, table),
    rebuilds.length > 0 && rewrites.includes(table) ? 'all' : rebuilds.map((name) => `\`${name}\``).join(', '),
  ]
}

/** @param {string} lock */
function partsOf(lock) {
  const [, level = '', index, object = ''] = /^([A-Z ]+) (index )?(.*)$/.exec(lock) ?? []
  return { level, object, isIndex: index !== undefined }
}

/** @param {readonly { object: string, isIndex: boolean }[]} locks */
function namesOf(locks) {
  const named = (/** @type {boolean} */ isIndex) =>
    locks.flatMap((lock) => (lock.isIndex === isIndex ? [`\`${lock.object}\``] : []))
  const [tables, indexes] = [named(false), named(true)]
  const ofIndexes = `the index${indexes.length === 1 ? '' : 'es'} ${indexes.join(', ')}`
  return [...(tables.length === 0 ? [] : [tables.join(', ')]), ...(indexes.length === 0 ? [] : [ofIndexes])].join(
    ' and ',
  )
}

/**
 * @param {readonly string[]} names
 * @param {string} table
 */
function tables(names, table) {
  const others = names.flatMap((name) => (name === table ? [] : [`\`${name}\``]))
  return [...(names.includes(table) ? ['yes'] : []), ...others].join(', ')
}
