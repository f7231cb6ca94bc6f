import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { loadDialect } from '../../src/dialect/registry'
import type { LintStep } from '../../src/lint/rule'
import { rules } from '../../src/lint/rules'

/*
 * What squawk finds, this linter finds: https://squawkhq.com/docs/rules
 */

/** Of each rule of squawk, our rules for the same danger; or why there is none. `docs/lint.md` has the same table. */
const counterparts: Readonly<Record<string, readonly string[] | string>> = {
  'adding-field-with-default': ['volatile-default', 'stored-generated-column'],
  'adding-foreign-key-constraint': ['add-foreign-key'],
  'adding-not-nullable-field': ['set-not-null'],
  'adding-required-field': ['required-column'],
  'adding-serial-primary-key-field': ['add-primary-key'],
  'ban-alter-domain-with-add-constraint': ['constrained-domain'],
  'ban-char-field': ['char-type'],
  'ban-concurrent-index-creation-in-transaction': ['concurrently-in-transaction'],
  'ban-create-domain-with-constraint': ['constrained-domain'],
  'ban-drop-column': ['drop-column'],
  'ban-drop-database': ['drop-schema'],
  'ban-drop-not-null': ['drop-not-null'],
  'ban-drop-table': ['drop-table'],
  'ban-truncate-cascade': ['truncate'],
  'ban-uncommitted-transaction': ['unfinished-transaction'],
  'ban-duplicate-column-assignments': ['duplicate-column'],
  'changing-column-type': ['change-type'],
  'constraint-missing-not-valid': ['add-check', 'add-foreign-key', 'add-unique', 'add-primary-key', 'add-exclusion'],
  'disallowed-unique-constraint': ['add-unique'],
  'identifier-too-long': ['long-name'],
  'prefer-bigint-over-int': ['small-key'],
  'prefer-bigint-over-smallint': ['small-key'],
  'prefer-identity': ['serial'],
  'prefer-repack': ['rewrite-table'],
  'prefer-text-field': ['varchar-limit'],
  'prefer-timestamp-tz': ['timestamp-without-zone'],
  'renaming-column': ['rename-column'],
  'renaming-table': ['rename-table'],
  'require-concurrent-index-creation': ['create-index', 'replace-index'],
  'require-concurrent-index-deletion': ['drop-index'],
  'require-concurrent-partition-detach': ['detach-partition'],
  'require-concurrent-reindex': ['reindex'],
  'require-enum-value-ordering': ['enum-value-place'],
  'require-table-schema': ['unqualified-name'],
  'transaction-nesting': ['transaction-statement'],
  'prefer-robust-stmts': 'the journal knows which statements have run',
  'require-lock-timeout': 'every run sets it',
  'require-statement-timeout': 'every run can set it',
}

const setup = [
  'CREATE TABLE app.users (id bigint PRIMARY KEY, email text NOT NULL, name varchar(50), team_id bigint)',
  'CREATE TABLE app.logs (id bigint NOT NULL, at timestamptz) PARTITION BY RANGE (at)',
  "CREATE TABLE app.logs_2020 PARTITION OF app.logs FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')",
  'CREATE TABLE app.teams (id bigint NOT NULL)',
  'CREATE INDEX ix_email ON app.users (email)',
  "CREATE TYPE app.mood AS ENUM ('a')",
]

interface Example {
  readonly sql: string
  /** Runs outside a transaction. */
  readonly outside?: true
  /** Major version of the server. Default is 13. */
  readonly server?: 19
}

/** Statements on these tables, with the rule of squawk that they are for. */
const dangerous: readonly (readonly [rule: string, Example])[] = [
  ['adding-field-with-default', { sql: 'ALTER TABLE app.users ADD COLUMN token uuid DEFAULT gen_random_uuid()' }],
  ['adding-field-with-default', { sql: 'ALTER TABLE app.users ADD n bigint GENERATED ALWAYS AS (id + 1) STORED' }],
  ['adding-foreign-key-constraint', { sql: 'ALTER TABLE app.users ADD FOREIGN KEY (team_id) REFERENCES app.teams' }],
  ['adding-not-nullable-field', { sql: 'ALTER TABLE app.users ALTER COLUMN name SET NOT NULL' }],
  ['adding-required-field', { sql: 'ALTER TABLE app.users ADD COLUMN age bigint NOT NULL' }],
  ['adding-serial-primary-key-field', { sql: 'ALTER TABLE app.teams ADD PRIMARY KEY (id)' }],
  ['ban-alter-domain-with-add-constraint', { sql: 'ALTER DOMAIN app.d ADD CONSTRAINT c CHECK (value > 0)' }],
  ['ban-char-field', { sql: 'CREATE TABLE app.codes (code char(5))' }],
  [
    'ban-concurrent-index-creation-in-transaction',
    { sql: 'DROP VIEW app.v; CREATE INDEX CONCURRENTLY ix ON app.users (name)' },
  ],
  ['ban-create-domain-with-constraint', { sql: 'CREATE DOMAIN app.d AS bigint CHECK (value > 0)' }],
  ['ban-drop-column', { sql: 'ALTER TABLE app.users DROP COLUMN name' }],
  ['ban-drop-database', { sql: 'DROP DATABASE old', outside: true }],
  ['ban-drop-not-null', { sql: 'ALTER TABLE app.users ALTER COLUMN email DROP NOT NULL' }],
  ['ban-drop-table', { sql: 'DROP TABLE app.teams' }],
  ['ban-duplicate-column-assignments', { sql: "UPDATE app.users SET name = 'a', name = 'b' WHERE id = 1" }],
  ['ban-truncate-cascade', { sql: 'TRUNCATE TABLE app.teams CASCADE' }],
  ['ban-uncommitted-transaction', { sql: 'BEGIN; ALTER TABLE app.users ADD COLUMN age bigint', outside: true }],
  ['changing-column-type', { sql: 'ALTER TABLE app.users ALTER COLUMN team_id TYPE numeric' }],
  ['constraint-missing-not-valid', { sql: 'ALTER TABLE app.users ADD CONSTRAINT c CHECK (team_id > 0)' }],
  ['constraint-missing-not-valid', { sql: 'ALTER TABLE app.users ADD CONSTRAINT x EXCLUDE USING gist (id WITH =)' }],
  ['disallowed-unique-constraint', { sql: 'ALTER TABLE app.users ADD CONSTRAINT uq UNIQUE (email)' }],
  ['identifier-too-long', { sql: `CREATE TABLE app.${'x'.repeat(64)} (id bigint)` }],
  ['prefer-bigint-over-int', { sql: 'CREATE TABLE app.codes (id integer PRIMARY KEY)' }],
  ['prefer-bigint-over-smallint', { sql: 'CREATE TABLE app.codes (id smallint PRIMARY KEY)' }],
  ['prefer-identity', { sql: 'CREATE TABLE app.codes (id bigserial PRIMARY KEY)' }],
  ['prefer-repack', { sql: 'VACUUM FULL app.users', outside: true, server: 19 }],
  ['prefer-repack', { sql: 'CLUSTER app.users USING ix_email', server: 19 }],
  ['prefer-robust-stmts', { sql: 'DROP INDEX CONCURRENTLY app.ix_email', outside: true }],
  ['prefer-text-field', { sql: 'CREATE TABLE app.codes (code varchar(5))' }],
  ['prefer-timestamp-tz', { sql: 'CREATE TABLE app.codes (at timestamp)' }],
  ['renaming-column', { sql: 'ALTER TABLE app.users RENAME COLUMN name TO nick' }],
  ['renaming-table', { sql: 'ALTER TABLE app.users RENAME TO people' }],
  ['require-concurrent-index-creation', { sql: 'CREATE INDEX ix ON app.users (name)' }],
  ['require-concurrent-index-creation', { sql: 'DROP INDEX app.ix_email; CREATE INDEX ix ON app.users (email)' }],
  ['require-concurrent-index-deletion', { sql: 'DROP INDEX app.ix_email' }],
  ['require-concurrent-partition-detach', { sql: 'ALTER TABLE app.logs DETACH PARTITION app.logs_2020' }],
  ['require-concurrent-reindex', { sql: 'REINDEX TABLE app.users' }],
  ['require-enum-value-ordering', { sql: "ALTER TYPE app.mood ADD VALUE 'b'" }],
  ['require-lock-timeout', { sql: 'ALTER TABLE app.users ADD COLUMN age bigint' }],
  ['require-statement-timeout', { sql: 'ALTER TABLE app.users ADD COLUMN age bigint' }],
  ['require-table-schema', { sql: 'ALTER TABLE users ADD COLUMN age bigint' }],
  ['transaction-nesting', { sql: 'BEGIN; ALTER TABLE app.users ADD COLUMN age bigint; COMMIT' }],
]

/** What squawk finds as well, although the statement does no harm, with the reason. */
const harmless: readonly (readonly [rule: string, reason: string, sql: string])[] = [
  ['changing-column-type', 'a longer varchar rewrites nothing', 'ALTER TABLE app.users ALTER name TYPE varchar(80)'],
  ['changing-column-type', 'text holds every varchar', 'ALTER TABLE app.users ALTER COLUMN name TYPE text'],
  ['adding-field-with-default', '-1 is constant', 'ALTER TABLE app.users ADD COLUMN age bigint DEFAULT -1'],
  ['adding-not-nullable-field', 'the column has no NULL', 'ALTER TABLE app.users ALTER COLUMN email SET NOT NULL'],
  ['ban-drop-column', 'the table does not have it', 'ALTER TABLE app.users DROP COLUMN IF EXISTS gone'],
]

const program = require.resolve('squawk-cli/js/bin/squawk')
const { status, stderr } = spawnSync(process.execPath, [program, '--version'], { encoding: 'utf8' })
const comparing = status === 0 ? describe : describe.skip
// The registry has it for some platforms only.
if (status !== 0) process.stderr.write(`squawk.test.ts is skipped, because squawk does not run here: ${stderr}\n`)

/** The rules of squawk that find something in each of some examples. */
function squawk(examples: readonly Example[]): readonly ReadonlySet<string>[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'aludel-squawk-'))
  try {
    const files = examples.map(({ sql }, index) => {
      const file = path.join(folder, `${String(index)}.sql`)
      writeFileSync(file, `${sql};\n`)
      return file
    })
    const found = examples.map(() => new Set<string>())
    for (const outside of [true, undefined])
      for (const server of [19, undefined] as const) {
        const chosen = files.filter(
          (_, index) => examples[index]?.outside === outside && examples[index]?.server === server,
        )
        const mode = outside === true ? '--no-assume-in-transaction' : '--assume-in-transaction'
        const options = [
          '--include',
          'require-table-schema',
          '--pg-version',
          String(server ?? 13),
          '--reporter',
          'json',
        ]
        const { stdout } = spawnSync(process.execPath, [program, ...options, mode, ...chosen], { encoding: 'utf8' })
        for (const { file, rule_name: rule } of JSON.parse(stdout) as readonly { file: string; rule_name: string }[])
          found[files.indexOf(file)]?.add(rule)
      }
    return found
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The names of our rules that find something. */
async function ours({ sql, outside, server }: Example): Promise<ReadonlySet<string>> {
  const linter = await loadDialect('postgres').lint.linter({ rules, rows: () => undefined, server })
  const declaresOutside = outside === true
  const step = { direction: 'upgrade', transactional: !declaresOutside, declaresOutside, generated: false } as const
  const stepOf = (revision: string, statements: readonly string[]): LintStep => ({ ...step, revision, statements })
  linter.learn(stepOf('a', setup))
  return new Set(linter.lint(stepOf('b', sql.split('; '))).map(({ rule }) => rule.name))
}

comparing('squawk', () => {
  const findings = new Map<Example, ReadonlySet<string>>()
  beforeAll(() => {
    const examples = [...dangerous.map(([, example]) => example), ...harmless.map(([, , sql]) => ({ sql }))]
    const found = squawk(examples)
    for (const [index, { sql }] of examples.entries()) {
      const example = dangerous[index]?.[1] ?? { sql }
      findings.set(example, found[index] ?? new Set())
    }
  })

  test.each(dangerous)('finds nothing by %s and its other rules that is not found here: %j', async (rule, example) => {
    const theirs = findings.get(example) ?? new Set<string>()
    expect(theirs).toContain(rule)
    const found = await ours(example)
    for (const one of theirs) {
      const known = counterparts[one]
      if (typeof known === 'string') continue
      expect({ rule: one, found: known?.filter((name) => found.has(name)) }).not.toMatchObject({ found: [] })
      expect(known).toBeDefined()
    }
  })

  test('has an example of each rule', () => {
    expect(new Set(dangerous.map(([rule]) => rule))).toEqual(new Set(Object.keys(counterparts)))
  })

  test.each(harmless)('finds by %s what is not found here, because %s', async (rule, _, sql) => {
    const theirs = [...findings].find(([example]) => example.sql === sql)?.[1]
    expect(theirs).toContain(rule)
    const found = await ours({ sql })
    for (const name of counterparts[rule] ?? []) expect(found).not.toContain(name)
  })
})
