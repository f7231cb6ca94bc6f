/** A table of the scratch database in its current form. */
export interface CatalogTable {
  readonly schema: string
  readonly name: string
  readonly columns: readonly string[]
}

/** Picks one of the items by the next random number. */
export type Pick = <T>(items: readonly T[]) => T

/** The input of a {@link Maker}. */
interface Scene {
  readonly pick: Pick
  readonly tables: readonly CatalogTable[]
  /** Returns an unused name. */
  readonly free: () => string
}

const enforced = ['(', 'SELECT', '"foreign_keys"', 'FROM', 'pragma_foreign_keys', ')']
const reserved = /^(?:end|select|order|values|do|set|from|where)$/i

/** Words joined by spaces and comments, keywords in any case. */
export function text(pick: Pick, ...parts: readonly (string | readonly string[])[]): string {
  const spaces = [' ', ' ', ' ', '\n', ' /* DROP TABLE "x"; */ ', ' -- it\'s; "\n']
  const words = parts.flat().map((word) => (/^[A-Z]+$/.test(word) && pick([true, false]) ? word.toLowerCase() : word))
  return words.join(pick(spaces))
}

/** The name in some form of quotes. */
export function quoted(pick: Pick, name: string): string {
  const isPlain = /^[a-z_]\w*$/i.test(name) && !reserved.test(name)
  const forms = [`"${name.replaceAll('"', '""')}"`, `\`${name}\``, ...(name.includes(']') ? [] : [`[${name}]`])]
  return pick(isPlain ? [...forms, name, name.toUpperCase()] : forms)
}

function tableName({ pick }: Scene, { schema, name }: CatalogTable): string {
  const isTemporary = schema !== 'main'
  return pick([isTemporary, true])
    ? `${isTemporary ? schema : pick(['main', '"MAIN"'])}.${quoted(pick, name)}`
    : quoted(pick, name)
}

const list = (items: readonly string[]): string => items.join(', ')

/** A WHERE clause with this column, or none. */
function where({ pick }: Scene, column: string, table: string): string[] {
  const name = quoted(pick, column)
  return pick([
    [],
    ['WHERE', name, 'IS', 'NULL'],
    ['WHERE', name, 'IS', 'NULL'],
    ['WHERE', '(', `${table}.${name}`, 'ISNULL', 'AND', 'rowid', 'BETWEEN', '0', 'AND', '99999', ')'],
    ['WHERE', name, 'IS', 'NULL', 'OR', 'rowid', '%', '2', '=', '0'],
    ['WHERE', name, 'IS', 'NOT', 'NULL'],
    ['WHERE', 'NOT', name, 'IS', 'NULL'],
    ['WHERE', name, 'IS', 'NULL', 'AND', '1', 'OR', '1'],
    ['WHERE', 'NULL', 'BETWEEN', '0', 'AND', name, 'IS', 'NULL'],
    ['WHERE', 'CASE', 'WHEN', '1', 'AND', name, 'IS', 'NULL', 'AND', '1', 'THEN', '0', 'ELSE', '1', 'END'],
    ['WHERE', 'rowid', '%', '2', '=', '0'],
    ['WHERE', '0'],
  ])
}

/** Makes one text, or several that belong together. */
export type Maker = (scene: Scene) => readonly string[]

const t = (scene: Scene, ...parts: readonly (string | readonly string[])[]): string => text(scene.pick, ...parts)
const anyTable = ({ pick, tables }: Scene): CatalogTable => pick(tables)
const anyColumn = ({ pick }: Scene, { columns }: CatalogTable): string => pick(columns)

/** The end of a copying SELECT, which may leave out rows. */
function rest({ pick }: Scene): string[] {
  return pick<string[]>([
    [],
    [],
    [],
    [],
    [],
    [],
    ['WHERE', '1'],
    ['WHERE', 'rowid', '%', '2', '=', '0'],
    ['LIMIT', '1'],
    ['GROUP', 'BY', '1'],
  ])
}

function expression({ pick }: Scene, column: string): string {
  const name = quoted(pick, column)
  return pick([
    ...Array.from({ length: 24 }, () => name),
    `ifnull(${name}, '')`,
    `coalesce(${name}, 'x', 'y')`,
    `CAST(${name} AS text)`,
    `(${name})`,
    `lower(${name})`,
    `CAST(${name} AS integer)`,
    `'x' || ${name}`,
    `max(${name})`,
    `coalesce('c', ${name})`,
    `'constant'`,
  ])
}

/** Some or all columns of a table. */
function some({ pick }: Scene, columns: readonly string[]): readonly string[] {
  const kept = columns.filter(() => pick([true, true, true, true, true, true, true, false]))
  return kept.length === 0 ? columns : kept
}

function definition({ pick }: Scene, columns: readonly string[]): string {
  const [first, ...others] = columns.map((column) => quoted(pick, column))
  const unique = pick(['', '', '', ' UNIQUE', ' UNIQUE ON CONFLICT IGNORE', ' UNIQUE ON CONFLICT REPLACE'])
  return list([`${first ?? 'x'} text${unique}`, ...others.map((column) => `${column} varchar(20) DEFAULT ('a)b')`)])
}

/** CREATE TABLE and INSERT … SELECT. */
function copyTo(scene: Scene, target: string, source: CatalogTable, from = tableName(scene, source)): string[] {
  const { pick } = scene
  const columns = some(scene, source.columns)
  const names = list(columns.map((column) => quoted(pick, column)))
  const order = pick([true, true, true, false]) ? columns : [...columns].reverse()
  const insert = pick([
    ['INSERT'],
    ['INSERT'],
    ['INSERT'],
    ['INSERT', 'OR', 'ABORT'],
    ['INSERT', 'OR', 'IGNORE'],
    ['REPLACE'],
  ])
  const isAll = pick([false, false, true])
  return [
    t(scene, 'CREATE', 'TABLE', quoted(pick, target), '(', definition(scene, isAll ? source.columns : columns), ')'),
    isAll
      ? t(scene, insert, 'INTO', quoted(pick, target), 'SELECT', '*', 'FROM', from, rest(scene))
      : t(
          scene,
          insert,
          'INTO',
          quoted(pick, target),
          '(',
          names,
          ')',
          'SELECT',
          list(order.map((column) => expression(scene, column))),
          'FROM',
          from,
          rest(scene),
        ),
  ]
}

/** A statement that changes the rows or columns of one table. */
const changes = {
  dropColumn(s) {
    const table = anyTable(s)
    return [
      t(
        s,
        'ALTER',
        'TABLE',
        tableName(s, table),
        'DROP',
        s.pick([[], ['COLUMN']]),
        quoted(s.pick, anyColumn(s, table)),
      ),
    ]
  },
  delete(s) {
    const condition = s.pick([[], ['WHERE', 'rowid', '%', '2', '=', '0'], ['WHERE', '1'], ['LIMIT', '1']])
    const common = s.pick([[], [], ['WITH', 'q(n)', 'AS', '(', 'SELECT', '1', ')']])
    return [t(s, common, 'DELETE', 'FROM', tableName(s, anyTable(s)), condition)]
  },
  update(s) {
    const table = anyTable(s)
    const [one, other] = [anyColumn(s, table), anyColumn(s, table)]
    const [name, second] = [quoted(s.pick, one), quoted(s.pick, other)]
    const set = s.pick([
      [name, '=', "'u'"],
      [name, '=', "'u'"],
      [name, '==', 'CASE', 'WHEN', "'a'", 'IS', 'DISTINCT', 'FROM', "'b'", 'THEN', "'u'", 'END'],
      [`(${name}, ${second})`, '=', "('u', 'v')"],
      [second, '=', name],
    ])
    const or = s.pick<string[]>([[], [], [], ['OR', 'IGNORE'], ['OR', 'REPLACE']])
    return [t(s, 'UPDATE', or, tableName(s, table), s.pick([['AS', 'z'], []]), 'SET', set, where(s, one, 'z'))]
  },
  insert(s) {
    const table = anyTable(s)
    const key = s.pick(['1001', '2002', '77', "'x'", 'NULL'])
    const verb = s.pick([
      ['INSERT'],
      ['INSERT', 'OR', 'IGNORE'],
      ['INSERT', 'OR', 'REPLACE'],
      ['REPLACE'],
      ['INSERT', 'OR', 'ABORT'],
    ])
    const values = table.columns.map((_, at) => (at === 0 ? key : "'new'"))
    return [
      t(
        s,
        verb,
        'INTO',
        tableName(s, table),
        '(',
        list(table.columns.map((column) => quoted(s.pick, column))),
        ')',
        'VALUES',
        `(${list(values)})`,
      ),
    ]
  },
  upsert(s) {
    const table = anyTable(s)
    const column = anyColumn(s, table)
    const action = s.pick(
      [['NOTHING'], ['UPDATE', 'SET', quoted(s.pick, column), '=', "'up'", where(s, column, 'z')]].map((words) =>
        words.flat(),
      ),
    )
    const names = list(table.columns.map((name) => quoted(s.pick, name)))
    const values = list(table.columns.map((_, at) => (at === 0 ? s.pick(['1001', '2001', '3002']) : "'new'")))
    return [
      t(
        s,
        'INSERT',
        'INTO',
        tableName(s, table),
        'AS',
        'z',
        `(${names})`,
        'VALUES',
        `(${values})`,
        'ON',
        'CONFLICT',
        'DO',
        action,
      ),
    ]
  },
} satisfies Record<string, Maker>

export const makers = {
  ...changes,
  dropTable: (s) => [t(s, 'DROP', 'TABLE', s.pick([[], ['IF', 'EXISTS']]), tableName(s, anyTable(s)))],
  addColumn: (s) => [
    t(s, 'ALTER', 'TABLE', tableName(s, anyTable(s)), 'ADD', s.pick([[], ['COLUMN']]), s.free(), 'text'),
  ],
  renameTable: (s) => [t(s, 'ALTER', 'TABLE', tableName(s, anyTable(s)), 'RENAME', 'TO', s.free())],
  renameColumn(s) {
    const table = anyTable(s)
    return [
      t(
        s,
        'ALTER',
        'TABLE',
        tableName(s, table),
        'RENAME',
        s.pick([[], ['COLUMN']]),
        quoted(s.pick, anyColumn(s, table)),
        'TO',
        s.free(),
      ),
    ]
  },
  setAside(s) {
    const table = anyTable(s)
    const columns = some(s, table.columns)
    const select = s.pick([
      ['*'],
      [list(columns.map((column) => quoted(s.pick, column)))],
      [list(columns.map((column) => `${expression(s, column)} AS ${quoted(s.pick, column)}`))],
    ])
    const temporary = s.pick([[], [], [], ['TEMP']])
    return [
      t(
        s,
        'CREATE',
        temporary,
        'TABLE',
        s.pick([[], ['IF', 'NOT', 'EXISTS']]),
        s.free(),
        'AS',
        'SELECT',
        select,
        'FROM',
        tableName(s, table),
        rest(s),
      ),
    ]
  },
  copy: (s) => copyTo(s, s.free(), anyTable(s)),
  changedAfterCopy(s) {
    const table = anyTable(s)
    const copy = s.free()
    const change = s.pick<Maker>([changes.insert, changes.update, changes.delete, changes.dropColumn, changes.upsert])
    const dropped = s.pick([copy, tableName(s, table)])
    const changed = s.pick([table, { ...table, schema: 'main', name: copy }])
    return [
      t(s, 'CREATE', 'TABLE', copy, 'AS', 'SELECT', '*', 'FROM', tableName(s, table)),
      ...change({ ...s, tables: [changed] }),
      t(s, 'DROP', 'TABLE', dropped),
    ]
  },
  copyBack(s) {
    const [from, to] = [anyTable(s), anyTable(s)]
    return [t(s, 'INSERT', 'INTO', tableName(s, to), 'SELECT', '*', 'FROM', tableName(s, from))]
  },
  rebuildUp(s) {
    const table = anyTable(s)
    const copy = s.free()
    return [
      ...copyTo(s, copy, table),
      t(s, 'DROP', 'TABLE', tableName(s, table)),
      t(s, 'ALTER', 'TABLE', copy, 'RENAME', 'TO', quoted(s.pick, table.name)),
    ]
  },
  rebuildDown(s) {
    const table = anyTable(s)
    const old = s.free()
    return [
      t(s, 'ALTER', 'TABLE', tableName(s, table), 'RENAME', 'TO', old),
      ...copyTo(s, table.name, table, old),
      t(s, 'DROP', 'TABLE', old),
    ]
  },
  rebuildKeyed(s) {
    const table = anyTable(s)
    const [old, ...back] = [s.free(), ...[]]
    const aside = t(s, 'CREATE', 'TABLE', old, 'AS', 'SELECT', '*', 'FROM', tableName(s, table), back)
    return [
      aside,
      t(s, 'DROP', 'TABLE', tableName(s, table)),
      ...copyTo(s, table.name, table, old),
      t(s, 'DROP', 'TABLE', old),
    ]
  },
  rebuildReferenced(s) {
    const table = anyTable(s)
    const [copy, old] = [s.free(), s.free()]
    const columns = some(s, table.columns)
    const [names, source] = [list(columns.map((column) => quoted(s.pick, column))), tableName(s, table)]
    const half = s.pick<string[]>([['WHERE', 'NOT'], ['WHERE', 'NOT'], ['WHERE', 'NOT'], ['WHERE']])
    const all = [
      t(s, 'CREATE', 'TABLE', copy, '(', names, ')'),
      t(s, 'INSERT', 'INTO', copy, '(', names, ')', 'SELECT', names, 'FROM', source, half, enforced),
      t(s, 'CREATE', 'TABLE', old, 'AS', 'SELECT', names, 'FROM', source, 'WHERE', enforced),
      t(s, 'DROP', 'TABLE', source),
      t(s, 'ALTER', 'TABLE', copy, 'RENAME', 'TO', quoted(s.pick, table.name)),
      t(s, 'INSERT', 'INTO', quoted(s.pick, table.name), '(', names, ')', 'SELECT', names, 'FROM', old),
      t(s, 'DROP', 'TABLE', old),
    ]
    const forgotten = s.pick([-1, -1, -1, -1, 1, 2, 5])
    return all.filter((_, at) => at !== forgotten)
  },
  createTable: (s) => [
    t(
      s,
      'CREATE',
      s.pick([[], [], ['TEMP']]),
      'TABLE',
      s.pick([[], ['IF', 'NOT', 'EXISTS']]),
      s.pick([s.free(), quoted(s.pick, anyTable(s).name)]),
      '(',
      definition(s, ['k', 'v']),
      ')',
    ),
  ],
  index(s) {
    const table = anyTable(s)
    const name = s.free()
    return [
      t(s, 'CREATE', 'INDEX', name, 'ON', quoted(s.pick, table.name), `(${quoted(s.pick, anyColumn(s, table))})`),
      ...s.pick([[], [t(s, 'DROP', 'INDEX', name)]]),
    ]
  },
  view(s) {
    const name = s.free()
    return [
      t(s, 'CREATE', 'VIEW', name, 'AS', 'SELECT', '*', 'FROM', tableName(s, anyTable(s))),
      ...s.pick([[], [t(s, 'DROP', 'VIEW', name)]]),
    ]
  },
  trigger(s) {
    const [table, other] = [anyTable(s), anyTable(s)]
    const name = quoted(s.pick, other.name)
    const column = quoted(s.pick, anyColumn(s, other))
    const body = s.pick([
      `DELETE FROM ${name}`,
      `UPDATE ${name} SET ${column} = CASE WHEN 1 THEN 'END;' END`,
      `SELECT RAISE(IGNORE)`,
      `INSERT OR REPLACE INTO ${name} (${column}) VALUES ('trigger')`,
      `SELECT 1`,
    ])
    const event = [s.pick(['BEFORE', 'AFTER']), s.pick(['INSERT', 'UPDATE', 'DELETE'])]
    const drop = s.pick(['', '', 'drop'])
    const trigger = s.free()
    const fire = s.pick<Maker>([changes.insert, changes.update, changes.delete, () => []])
    return [
      t(s, 'CREATE', 'TRIGGER', trigger, event, 'ON', quoted(s.pick, table.name), 'BEGIN', `${body};`, 'END'),
      ...(drop === '' ? [] : [t(s, 'DROP', 'TRIGGER', trigger)]),
      ...fire({ ...s, tables: [table] }),
    ]
  },
  search(s) {
    const name = s.free()
    const table = anyTable(s)
    const column = quoted(s.pick, anyColumn(s, table))
    return [
      t(s, 'CREATE', 'VIRTUAL', 'TABLE', name, 'USING', `fts5(x${s.pick(['', ", content=''"])})`),
      t(s, 'INSERT', 'INTO', name, '(x)', 'SELECT', column, 'FROM', tableName(s, table)),
      ...s.pick([
        [],
        [t(s, 'DROP', 'TABLE', name)],
        [t(s, 'INSERT', 'INTO', name, `(${name})`, 'VALUES', "('delete-all')")],
      ]),
    ]
  },
  select(s) {
    const table = anyTable(s)
    const name = quoted(s.pick, anyColumn(s, table))
    const from = ['FROM', tableName(s, table)]
    return [
      s.pick([
        t(s, 'SELECT', '*', from),
        t(s, 'SELECT', `count(*), max(${name}), group_concat(${name})`, from),
        t(s, 'SELECT', `row_number() OVER (ORDER BY ${name}), replace(${name}, 'a', ';DROP TABLE x')`, from),
        t(
          s,
          'WITH',
          'RECURSIVE',
          'q(n)',
          'AS',
          '(',
          'VALUES(1)',
          ')',
          'SELECT',
          '*',
          'FROM',
          'q',
          'WHERE',
          'n',
          'IN',
          '(',
          'SELECT',
          name,
          from,
          ')',
        ),
        t(s, 'VALUES', "(1, abs(-1), datetime('now'), 'x;y')"),
        t(s, 'SELECT', '*', 'FROM', "pragma_table_info('t')"),
        t(s, 'EXPLAIN', 'DELETE', from),
        t(s, 'EXPLAIN', 'QUERY', 'PLAN', 'SELECT', name, from),
        t(s, 'SELECT', `wipe(${name})`, from),
        t(s, 'SELECT', `"wipe"(1)`),
      ]),
    ]
  },
  pragma: ({ pick }) => [
    pick([
      'PRAGMA foreign_keys',
      'PRAGMA foreign_keys = 1',
      'PRAGMA foreign_keys(off)',
      'PRAGMA main.user_version',
      'PRAGMA user_version = 7',
      'PRAGMA application_id(8)',
      'PRAGMA table_info(t)',
      'PRAGMA index_list("t")',
      'PRAGMA integrity_check',
      'PRAGMA foreign_key_check',
      'PRAGMA journal_mode',
      'PRAGMA journal_mode = memory',
      'PRAGMA synchronous = 1',
      'PRAGMA synchronous',
      'PRAGMA cache_size = 100',
      'PRAGMA recursive_triggers = 1',
      'PRAGMA recursive_triggers(0)',
      'PRAGMA optimize',
      'PRAGMA wal_checkpoint',
      'PRAGMA incremental_vacuum',
      'PRAGMA legacy_alter_table = 1',
      'PRAGMA page_count',
      'PRAGMA encoding',
      'PRAGMA temp_store',
      'PRAGMA temp_store = 2',
      'PRAGMA defer_foreign_keys = 1',
      'PRAGMA page_size = 8192',
      'PRAGMA auto_vacuum = 1',
      'PRAGMA auto_vacuum',
      'EXPLAIN PRAGMA user_version = 9',
      'PRAGMA data_version',
      'PRAGMA compile_options',
      'PRAGMA secure_delete = 1',
      'PRAGMA busy_timeout = 5',
      'PRAGMA table_list',
      'PRAGMA freelist_count',
    ]),
  ],
  maintenance: ({ pick }) => [pick(['VACUUM', 'ANALYZE', 'REINDEX', 'vacuum /* ; */ main'])],
  transaction(s) {
    const table = anyTable(s)
    const drop = t(s, 'DROP', 'TABLE', tableName(s, table))
    const copy = t(s, 'CREATE', 'TABLE', s.free(), 'AS', 'SELECT', '*', 'FROM', tableName(s, table))
    return s.pick([
      ['BEGIN'],
      ['COMMIT'],
      ['ROLLBACK'],
      ['SAVEPOINT s'],
      ['ROLLBACK TO s'],
      ['RELEASE s'],
      ['SAVEPOINT s', copy, 'ROLLBACK TO s', drop],
      ['SAVEPOINT s', copy, 'RELEASE s', drop],
      ['BEGIN', copy, 'ROLLBACK', drop],
      ['BEGIN', copy, 'END', drop],
      ['BEGIN', drop, 'ROLLBACK'],
    ])
  },
  attach(s) {
    const table = anyTable(s)
    return [
      "ATTACH ':memory:' AS other",
      t(s, 'CREATE', 'TABLE', `other.${s.free()}`, 'AS', 'SELECT', '*', 'FROM', tableName(s, table)),
      t(s, 'DROP', 'TABLE', tableName(s, table)),
      ...s.pick([[], ['DETACH other']]),
    ]
  },
} satisfies Record<string, Maker>
