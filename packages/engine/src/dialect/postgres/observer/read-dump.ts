import { displayName, type ObjectName } from '../../../schema/schema'
import type { UnmanagedKind } from '../../../schema/unmanaged'
import type { ObservedObject } from '../../roles/observer'
import { identifier, identifiersOf, objectNameOf, path, withoutSequenceNames } from './names'
import { aroundParentheses, type DumpEntry, dumpEntries, splitAt } from './split'

interface ReadOptions {
  /** The schema of the connection, in which names have no schema. */
  readonly defaultSchema: string
  readonly ignoreTables: readonly string[]
}

/** A statement of an entry, on one line. */
interface Statement {
  readonly type: string
  readonly text: string
}

/**
 * The objects of a database, from what `pg_dump --schema-only --no-owner` has printed. Each column, constraint and setting is an
 * object of its own, so neither their order nor that of the columns matters: no revision can change the order of columns.
 */
export function readDump(dump: string, { defaultSchema, ignoreTables }: ReadOptions): readonly ObservedObject[] {
  const entries = dumpEntries(dump).filter(({ type }) => type !== 'STATISTICS DATA')
  const statements = entries.flatMap(statementsOf)
  const rename = withoutSequenceNames(statements.map(({ text }) => text))
  const reader = new Reader(defaultSchema, partitionsIn(statements))
  const ignored = new Set(ignoreTables)
  const isIgnored = (table: ObjectName): boolean => ignored.has(table.name) || ignored.has(displayName(table))
  return statements
    .flatMap(({ type, text }) => reader.read({ type, text: rename(text) }))
    .filter(({ table }) => table === undefined || !isIgnored(table))
}

/** Entries whose text may contain semicolons that end no statement: code. */
const isCode = /^(?:FUNCTION|PROCEDURE|AGGREGATE|RULE|EVENT TRIGGER)$/

function statementsOf({ type, text, tablespace }: DumpEntry): readonly Statement[] {
  const statements = isCode.test(type) ? [text] : splitAt(text, ';')
  const place = tablespace === undefined ? '' : ` TABLESPACE ${tablespace}`
  return statements.map((statement, index) => ({ type, text: index === 0 ? statement + place : statement }))
}

/** The paths of partitions: entities declare at most the table as a whole. */
function partitionsIn(statements: readonly Statement[]): ReadonlySet<string> {
  const attach = new RegExp(`ATTACH PARTITION (${path})`)
  return new Set(
    statements.flatMap(({ type, text }) => (type === 'TABLE ATTACH' ? (attach.exec(text)?.[1] ?? []) : [])),
  )
}

const createTable = new RegExp(`^CREATE (?:UNLOGGED )?(?:FOREIGN )?TABLE (${path})$`)
const constraintItem = new RegExp(`^CONSTRAINT (${identifier}) (?=CHECK )`)
/** PostgreSQL 18 names NOT NULL constraints, after the names at the time; nothing compares these names. */
const namedNotNull = new RegExp(String.raw`\bCONSTRAINT ${identifier} (?=NOT NULL\b)`)
const addConstraint = new RegExp(`^ALTER TABLE (?:ONLY )?(${path}) ADD CONSTRAINT (${identifier}) `)
const createIndex = new RegExp(`^CREATE (?:UNIQUE )?INDEX (${identifier}) ON (?:ONLY )?(${path}) `)
const createOther = new RegExp(
  `^CREATE (?:TYPE|SEQUENCE|VIEW|MATERIALIZED VIEW|SCHEMA|DOMAIN|FUNCTION|PROCEDURE|AGGREGATE|EXTENSION(?: IF NOT EXISTS)?) (${path})`,
)
const attached = new RegExp(`^CREATE (?:CONSTRAINT )?(?:TRIGGER|POLICY) (${identifier}) .*?\\bON (${path})`)
const comment = new RegExp(`^COMMENT ON ([A-Z ]+?) (${path})(?: ON (${path}))?`)
const identity = new RegExp(
  `^ALTER TABLE (?:ONLY )?(${path}) ALTER COLUMN (${identifier}) ADD GENERATED (?:ALWAYS|BY DEFAULT) AS IDENTITY`,
)
const ofColumn = new RegExp(`^ALTER TABLE (?:ONLY )?(${path}) ALTER COLUMN (${identifier}) SET DEFAULT `)
const ofTable = new RegExp(
  `^(?:ALTER TABLE (?:ONLY )?|(?:GRANT|REVOKE) .*? ON TABLE |CREATE STATISTICS .* FROM |CREATE RULE .*? TO )(${path})`,
  's',
)

const kinds: Readonly<Partial<Record<string, UnmanagedKind>>> = {
  TABLE: 'table',
  COLUMN: 'column',
  INDEX: 'index',
  TYPE: 'enum',
  SEQUENCE: 'sequence',
  VIEW: 'view',
  'MATERIALIZED VIEW': 'view',
  SCHEMA: 'schema',
  EXTENSION: 'extension',
  TRIGGER: 'trigger',
  POLICY: 'policy',
  FUNCTION: 'function',
  PROCEDURE: 'function',
  AGGREGATE: 'function',
  DOMAIN: 'domain',
}

class Reader {
  constructor(
    readonly defaultSchema: string,
    readonly partitions: ReadonlySet<string>,
  ) {}

  read(statement: Statement): readonly ObservedObject[] {
    const { type, text } = statement
    if (type === 'TABLE' && text.startsWith('CREATE ')) return this.#table(text)
    return [
      this.#constraint(text) ??
        this.#index(text) ??
        this.#column(text) ??
        this.#comment(text) ??
        this.#other(statement),
    ]
  }

  #table(text: string): readonly ObservedObject[] {
    const [before = text, inside = '', after = ''] = aroundParentheses(text) ?? []
    const target = createTable.exec(before)?.[1]
    if (target === undefined) return [{ name: text, text, declared: null }]
    const table = this.#nameOf(target)
    const can = !this.partitions.has(target)
    const head: ObservedObject = {
      kind: 'table',
      table,
      name: displayName(table),
      text: `${before} () ${after}`.trim(),
      // Entities declare no UNLOGGED, PARTITION BY, INHERITS, storage parameters and tablespaces.
      declared: can ? `CREATE TABLE ${target}` : null,
    }
    const items = splitAt(inside, ',').map((item): ObservedObject => {
      const [found, name] = constraintItem.exec(item) ?? []
      if (found !== undefined && name !== undefined)
        return this.#named('check', table, name, `ALTER TABLE ${target} ADD ${item}`, can)
      const line = `COLUMN ${target}: ${item.replace(namedNotNull, '')}`
      const column = new RegExp(`^${identifier}`).exec(item)?.[0] ?? item
      return {
        kind: 'column',
        table,
        name: identifiersOf(column)[0] ?? column,
        text: line,
        declared: can ? line : null,
      }
    })
    return [head, ...items]
  }

  #constraint(text: string): ObservedObject | undefined {
    const [found, target, name] = addConstraint.exec(text) ?? []
    if (found === undefined || target === undefined || name === undefined) return undefined
    const rest = text.slice(found.length)
    const kind = rest.startsWith('PRIMARY KEY')
      ? 'primaryKey'
      : rest.startsWith('UNIQUE')
        ? 'unique'
        : rest.startsWith('EXCLUDE')
          ? 'exclusion'
          : rest.startsWith('FOREIGN KEY')
            ? 'foreignKey'
            : 'check'
    const one = text.replace(/^ALTER TABLE ONLY /, 'ALTER TABLE ')
    return this.#named(kind, this.#nameOf(target), name, one, !this.partitions.has(target))
  }

  #index(text: string): ObservedObject | undefined {
    const [, name, target] = createIndex.exec(text) ?? []
    if (name === undefined || target === undefined) return undefined
    const index = this.#named('index', this.#nameOf(target), name, text, !this.partitions.has(target))
    // Entities declare no storage parameters of indexes, and no tablespaces.
    const bare = (words: string): string =>
      words.replace(/ WITH \([\w.]+='?[^')]*'?(?:, [\w.]+='?[^')]*'?)*\)| ONLY(?= )| TABLESPACE \S+$/g, '')
    return {
      ...index,
      declared: index.declared && bare(index.declared),
      nameless: index.nameless && bare(index.nameless),
    }
  }

  /** A default that depends on something that is made after the table, or the counter of a column. */
  #column(text: string): ObservedObject | undefined {
    const [counter, target, column] = identity.exec(text) ?? ofColumn.exec(text) ?? []
    if (counter === undefined || target === undefined || column === undefined) return undefined
    return {
      kind: 'column',
      table: this.#nameOf(target),
      name: identifiersOf(column)[0] ?? column,
      text,
      // Entities declare no options of the sequences of columns.
      declared: this.partitions.has(target) ? null : identity.test(text) ? counter : text,
    }
  }

  #comment(text: string): ObservedObject | undefined {
    const [, what, target, owner] = comment.exec(text) ?? []
    if (what === undefined || target === undefined) return undefined
    const parts = identifiersOf(target)
    const isColumn = what === 'COLUMN'
    const owned = isColumn ? target.replace(new RegExp(`\\.${identifier}$`), '') : owner
    const table = owned === undefined ? (what === 'TABLE' ? this.#nameOf(target) : undefined) : this.#nameOf(owned)
    return {
      kind: kinds[what],
      table,
      name: owned === undefined ? displayName(this.#nameOf(target)) : (parts.at(-1) ?? target),
      text,
      declared: (isColumn || what === 'TABLE') && !this.partitions.has(owned ?? target) ? text : null,
    }
  }

  #other({ type, text }: Statement): ObservedObject {
    const [, attachedName, owner] = attached.exec(text) ?? []
    if (attachedName !== undefined && owner !== undefined)
      return {
        kind: kinds[type],
        table: this.#nameOf(owner),
        name: identifiersOf(attachedName)[0] ?? '',
        text,
        declared: null,
      }
    const [, target] = createOther.exec(text) ?? []
    if (target !== undefined) {
      const name = displayName(this.#nameOf(target))
      const isDeclared =
        type === 'VIEW' || type === 'MATERIALIZED VIEW' || (type === 'TYPE' && text.includes(' AS ENUM '))
      // Entities declare no options of views.
      const declared = text.replace(/^(CREATE (?:MATERIALIZED )?VIEW \S+) WITH \([^)]*\) AS /, '$1 AS ')
      return { kind: kinds[type], name, text, declared: isDeclared ? declared : null }
    }
    const [, table] = ofTable.exec(text) ?? []
    return { ...(table !== undefined && { table: this.#nameOf(table) }), name: text, text, declared: null }
  }

  #named(kind: UnmanagedKind, table: ObjectName, name: string, text: string, can: boolean): ObservedObject {
    const nameless = text.replace(` ${name} `, ' ')
    return {
      kind,
      table,
      name: identifiersOf(name)[0] ?? name,
      text,
      ...(can ? { declared: text, nameless } : { declared: null }),
    }
  }

  #nameOf(text: string): ObjectName {
    return objectNameOf(text, this.defaultSchema)
  }
}
