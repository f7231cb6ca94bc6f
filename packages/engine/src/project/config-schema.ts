import type { DataSource } from 'typeorm'
import * as v from 'valibot'

import { backupAge, keptAge } from './ages'
import { oldestServer, severities } from '../lint/settings'
import type { AludelConfig } from './config'
import { isDataSource } from './data-source'

/** The longest delay that PostgreSQL's timeouts and Node's timers accept: 2^31 - 1 milliseconds. */
const longest = 2_147_483_647

/** A non-empty text. The messages of a schema say what is expected; {@link problemsIn} puts key and value before them. */
const text = (expected: string) => v.pipe(v.string(expected), v.minLength(1, expected))

const list = (expected: string) =>
  v.pipe(v.array(text(`${expected}, none of them empty`), expected), v.minLength(1, expected))

const textOrList = (one: string, many: string) =>
  v.union([text(`${one}, or ${many}`), list(many)], `${one}, or ${many}`)

function patterns(example: string) {
  const expected = `an array of patterns, for example ["${example}"]`
  return v.array(text(expected), expected)
}

function milliseconds(description: string) {
  const expected = `a whole number of milliseconds from 0 to ${String(longest)}`
  const number = v.pipe(
    v.number(expected),
    v.integer(expected),
    v.minValue(0, expected),
    v.maxValue(longest, expected),
    v.description(description),
  )
  return v.optional(number)
}

const dataSourceExpected = 'the path of a file that exports a DataSource, a DataSource, or a function that returns one'
const shadowExpected = 'an object { postgres: URL }'
const keptExpected = 'true, false, or an object { for: "30d" }'
const backupExpected = 'an object { directory, tools, keep, when }'
const keepExpected = 'an object { count, age }'
const countExpected = 'a whole number from 1'
const ageExpected = 'an age such as "12h", "30d" or "8w"'
const lintExpected = 'an object { rules, server }'
const rulesExpected = 'an object such as { "drop-table": "warning" }'
const severityExpected = '"error", "warning", "info" or "off"'
const serverExpected = 'a major version of PostgreSQL from 13'
const dialectExpected = '"sqlite" or "postgres", each at most once'

/** One schema for each key. The compiler refuses a key of {@link AludelConfig} that is missing here, and the reverse. */
const entries = {
  dataSource: v.optional(
    v.pipe(
      v.union(
        [
          text(dataSourceExpected),
          v.custom<DataSource>(isDataSource, dataSourceExpected),
          v.custom<() => DataSource | Promise<DataSource>>((value) => typeof value === 'function', dataSourceExpected),
        ],
        dataSourceExpected,
      ),
      v.description('A file that exports a DataSource.'),
    ),
  ),
  entities: v.optional(
    v.pipe(
      textOrList('a glob of entity files', 'a non-empty array of globs'),
      v.description('Entity files (globs), for a project without a DataSource file; it connects to DATABASE_URL.'),
    ),
  ),
  shipped: v.optional(
    v.pipe(
      v.boolean('true or false'),
      v.description('Use the entities of @aludel/models and the revisions of @aludel/migrations. Default is false.'),
    ),
  ),
  revisions: v.optional(
    v.pipe(
      textOrList('a revision directory', 'a non-empty array of directories'),
      v.description('Revision directories; new revisions are written to the first.'),
    ),
  ),
  dialects: v.optional(
    v.pipe(
      v.array(v.picklist(['sqlite', 'postgres'], dialectExpected), 'an array of "sqlite" and "postgres"'),
      v.minLength(1, 'an array of "sqlite" and "postgres"'),
      v.checkItems((item, index, all) => all.indexOf(item) === index, dialectExpected),
      v.description('Dialects for which new revisions contain statements. Default: that of the DataSource.'),
    ),
  ),
  shadow: v.optional(
    v.pipe(
      // The schema of an object also accepts an array.
      v.custom<object>((value) => !Array.isArray(value), shadowExpected),
      v.strictObject(
        {
          postgres: v.optional(
            v.pipe(
              text('the URL of a PostgreSQL server'),
              v.description('URL of a PostgreSQL server with a role that may create databases.'),
            ),
          ),
        },
        shadowExpected,
      ),
      v.description('Servers for shadow databases, by dialect.'),
    ),
  ),
  language: v.optional(
    v.pipe(
      v.picklist(['ts', 'js', 'mjs', 'cjs'], '"ts", "js", "mjs" or "cjs"'),
      v.description('Language of new revision files. Default: that of the DataSource file.'),
    ),
  ),
  unmanaged: v.optional(
    v.pipe(patterns('index:posts.ix_body_gin'), v.description('Unmanaged objects to keep: patterns kind:name.')),
  ),
  names: v.optional(
    v.pipe(
      v.picklist(['keep', 'rename'], '"keep" or "rename"'),
      v.description(
        'Constraints and indexes that differ only in a name that TypeORM derives: keep their names, or rename them. Default: create asks.',
      ),
    ),
  ),
  keepDropped: v.optional(
    v.pipe(
      v.union(
        [
          v.boolean(keptExpected),
          v.strictObject(
            {
              for: v.pipe(v.string(keptExpected), v.regex(keptAge, 'a number and a unit: 12h, 30d, 8w')),
            },
            keptExpected,
          ),
        ],
        keptExpected,
      ),
      v.description('Set aside what upgrades drop or narrow, so that a downgrade can give it back. Default is false.'),
    ),
  ),
  ignore: v.optional(
    v.pipe(
      patterns('table:spatial_ref_sys'),
      v.description('Objects that other tools manage; every command ignores them: patterns kind:name.'),
    ),
  ),
  lock: v.optional(
    v.pipe(
      v.picklist(['session', 'lease'], '"session" or "lease"'),
      v.description('What holds the migration lock: a database session (default), or a lease, for connection poolers.'),
    ),
  ),
  backup: v.optional(
    v.pipe(
      // The schema of an object also accepts an array.
      v.custom<object>((value) => !Array.isArray(value), backupExpected),
      v.strictObject(
        {
          directory: v.optional(
            v.pipe(
              text('a folder'),
              v.description('The directory of the backups. Default is backups/ under the project.'),
            ),
          ),
          tools: v.optional(
            v.pipe(
              text('the folder of pg_dump'),
              v.description('The folder of pg_dump and pg_restore. Default: PATH.'),
            ),
          ),
          keep: v.optional(
            v.pipe(
              v.custom<object>((value) => !Array.isArray(value), keepExpected),
              v.strictObject(
                {
                  count: v.optional(
                    v.pipe(
                      v.number(countExpected),
                      v.integer(countExpected),
                      v.minValue(1, countExpected),
                      v.description('Keep the newest ones.'),
                    ),
                  ),
                  age: v.optional(
                    v.pipe(
                      v.string(ageExpected),
                      v.regex(backupAge, ageExpected),
                      v.description('Keep those that are not older: 12h, 30d, 8w.'),
                    ),
                  ),
                },
                keepExpected,
              ),
              v.description('Which backups of a database remain after a new one. Default: all.'),
            ),
          ),
          when: v.optional(
            v.pipe(
              v.picklist(['auto', 'always', 'never'], '"auto", "always" or "never"'),
              v.description('What --backup means where it is not given. Default is auto.'),
            ),
          ),
        },
        backupExpected,
      ),
      v.description('How backups are made and kept.'),
    ),
  ),
  online: v.optional(
    v.pipe(
      v.boolean('true or false'),
      v.description('Write revisions that do not block others where PostgreSQL has a way. Default is false.'),
    ),
  ),
  lint: v.optional(
    v.pipe(
      // The schema of an object also accepts an array.
      v.custom<object>((value) => !Array.isArray(value), lintExpected),
      v.strictObject(
        {
          rules: v.optional(
            v.pipe(
              v.custom<object>((value) => !Array.isArray(value), rulesExpected),
              v.record(v.string(rulesExpected), v.picklist([...severities, 'off'], severityExpected), rulesExpected),
              v.description('Rules by name, with their severity. Rules of style are off unless they are named here.'),
            ),
          ),
          server: v.optional(
            v.pipe(
              v.number(serverExpected),
              v.integer(serverExpected),
              v.minValue(oldestServer, serverExpected),
              v.description('The lowest major version of the PostgreSQL servers. Default is 13.'),
            ),
          ),
        },
        lintExpected,
      ),
      v.description('What lint looks for.'),
    ),
  ),
  tableLockTimeoutMs: milliseconds('How long a statement waits for a table lock; 0: without limit. Default is 5,000.'),
  tableLockRetryMs: milliseconds('How long a statement is retried after contention; 0: one try. Default is 60,000.'),
  statementTimeoutMs: milliseconds('How long one statement may run; 0: no limit. Default: the setting of the role.'),
} satisfies Record<keyof AludelConfig, v.GenericSchema>

/**
 * The values of a configuration file. The JSON schema that editors use, `config.schema.json` of this package, is made from
 * it by `npm run api`.
 */
export const configSchema = v.strictObject({
  // For editors; it means nothing to Aludel.
  $schema: v.optional(v.pipe(v.string('a path or a URL'), v.description('The JSON schema of this file, for editors.'))),
  ...entries,
})

/** Keys that a configuration may have, as users know them. */
export const configKeys: readonly string[] = Object.keys(entries)
