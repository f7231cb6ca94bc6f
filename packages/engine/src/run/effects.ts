/**
 * What a revision's statements destroy and lock, read from their text.
 *
 * The statements are all there is: a revision may have been written by hand or by TypeORM. PostgreSQL's lock levels
 * are those of its manual, "Explicit Locking", table-level locks. What can not be recognized is not guessed.
 */
export interface Effects {
  readonly destroys: readonly string[]
  readonly locks: readonly string[]
}

const name = String.raw`((?:"(?:[^"]|"")+"|[A-Za-z_][\w$]*)(?:\.(?:"(?:[^"]|"")+"|[A-Za-z_][\w$]*))?)`
const optional = String.raw`(?:IF\s+(?:NOT\s+)?EXISTS\s+)?(?:ONLY\s+)?`

/** The condition under which a SQLite rebuild copies in the one or the other way; one of the two copies everything. */
const enforced = String.raw`\(SELECT\s+"foreign_keys"\s+FROM\s+pragma_foreign_keys\)`

const patterns = {
  createTable: new RegExp(String.raw`^CREATE\s+(?:TEMP(?:ORARY)?\s+|UNLOGGED\s+)?TABLE\s+${optional}${name}`, 'i'),
  dropTable: new RegExp(String.raw`^DROP\s+TABLE\s+${optional}${name}`, 'i'),
  alterTable: new RegExp(String.raw`^ALTER\s+TABLE\s+${optional}${name}\s+([\s\S]*)$`, 'i'),
  renameTo: new RegExp(String.raw`^RENAME\s+TO\s+${name}`, 'i'),
  dropColumn: new RegExp(
    String.raw`\bDROP\s+(?:COLUMN\s+)?${optional}(?!CONSTRAINT\b|DEFAULT\b|NOT\b|IDENTITY\b|EXPRESSION\b)${name}`,
    'gi',
  ),
  copy: new RegExp(
    String.raw`^INSERT\s+(?:OR\s+ABORT\s+)?INTO\s+${name}\s*\(([^)]*)\)\s*SELECT\b[\s\S]*\bFROM\s+${name}(?:\s+WHERE\s+(?:NOT\s+)?${enforced})?\s*$`,
    'i',
  ),
  setAside: new RegExp(
    String.raw`^CREATE\s+TABLE\s+${name}\s+AS\s+SELECT\s+([\s\S]*?)\s+FROM\s+${name}(?:\s+WHERE\s+${enforced})?\s*$`,
    'i',
  ),
  renameColumn: new RegExp(String.raw`^RENAME\s+(?:COLUMN\s+)?${name}\s+TO\s+${name}`, 'i'),
  delete: new RegExp(String.raw`^DELETE\s+FROM\s+${optional}${name}([\s\S]*)$`, 'i'),
  truncate: new RegExp(String.raw`^TRUNCATE\s+(?:TABLE\s+)?${optional}${name}`, 'i'),
  createIndex: new RegExp(
    String.raw`^CREATE\s+(?:UNIQUE\s+)?INDEX\s+(?!CONCURRENTLY)${optional}${name}\s+ON\s+${optional}${name}`,
    'i',
  ),
  dropIndex: new RegExp(String.raw`^DROP\s+INDEX\s+(?!CONCURRENTLY)${optional}${name}`, 'i'),
  foreignKey: new RegExp(String.raw`\bFOREIGN\s+KEY\b[\s\S]*\bREFERENCES\s+${name}`, 'i'),
} as const

/**
 * @param statements of one revision in one direction, in order
 * @param columnsOf columns of a table before the first statement, where they are known; lets a SQLite rebuild be seen
 *   for what it loses
 */
export function effectsOf(
  statements: readonly string[],
  columnsOf: (table: string) => readonly string[] | undefined = () => undefined,
): Effects {
  const destroys = new Set<string>()
  const locks = new Map<string, string>()
  const created = new Set<string>()
  const copied = new Map<string, string>()
  const renamed = new Map<string, string>()
  const replaced = new Set(statements.flatMap(replacedBy))
  const lose = (source: string, kept: readonly string[]): void => {
    const old = (column: string): string => renamed.get(`${source}.${column}`) ?? column
    const names = new Set(kept.map(old))
    const gone = (columnsOf(renamed.get(source) ?? source) ?? []).filter((column) => !names.has(column))
    for (const column of gone) destroys.add(`values of ${source}.${column}`)
  }

  for (const text of statements) {
    const sql = withoutComments(text)
    const made = patterns.createTable.exec(sql)?.[1]
    if (made !== undefined) created.add(unquote(made))

    const copy = patterns.copy.exec(sql)
    if (copy?.[1] !== undefined && copy[3] !== undefined) {
      const source = unquote(copy[3])
      copied.set(source, unquote(copy[1]))
      if (!created.has(source)) lose(source, listOf(copy[2]))
    }
    const setAside = patterns.setAside.exec(sql)
    if (setAside?.[1] !== undefined && setAside[3] !== undefined) {
      const source = unquote(setAside[3])
      if (!copied.has(source)) lose(source, listOf(setAside[2]))
      copied.set(source, copied.get(source) ?? unquote(setAside[1]))
    }

    const dropped = patterns.dropTable.exec(sql)?.[1]
    if (dropped !== undefined) {
      const table = unquote(dropped)
      // A rebuild drops the old table after its rows were copied, and gives its name to the new one.
      const rebuilt = copied.has(table) && replaced.has(table)
      if (!rebuilt && !created.has(table)) destroys.add(`all rows of ${table}`)
      if (!created.has(table)) locks.set(table, 'ACCESS EXCLUSIVE')
    }

    const altered = patterns.alterTable.exec(sql)
    if (altered?.[1] !== undefined) {
      const table = unquote(altered[1])
      const action = altered[2] ?? ''
      const to = patterns.renameTo.exec(action)?.[1]
      if (to !== undefined && !created.has(table)) renamed.set(unquote(to), renamed.get(table) ?? table)
      const column = patterns.renameColumn.exec(action)
      if (column?.[1] !== undefined && column[2] !== undefined && to === undefined) {
        const [from, now] = [unquote(column[1]), unquote(column[2])]
        renamed.set(`${table}.${now}`, renamed.get(`${table}.${from}`) ?? from)
      }
      for (const match of withoutLiterals(action).matchAll(patterns.dropColumn)) {
        if (match[1] !== undefined) destroys.add(`values of ${table}.${unquote(match[1])}`)
      }
      if (!created.has(table)) {
        const referenced = patterns.foreignKey.exec(action)?.[1]
        if (referenced === undefined) locks.set(table, 'ACCESS EXCLUSIVE')
        else
          for (const one of [table, unquote(referenced)])
            if (!created.has(one) && !locks.has(one)) locks.set(one, 'SHARE ROW EXCLUSIVE')
      }
    }

    const deleted = patterns.delete.exec(sql)
    if (deleted?.[1] !== undefined) {
      destroys.add(`${/\bWHERE\b/i.test(deleted[2] ?? '') ? 'some' : 'all'} rows of ${unquote(deleted[1])}`)
    }
    const truncated = patterns.truncate.exec(sql)?.[1]
    if (truncated !== undefined) {
      destroys.add(`all rows of ${unquote(truncated)}`)
      locks.set(unquote(truncated), 'ACCESS EXCLUSIVE')
    }
    const indexed = patterns.createIndex.exec(sql)?.[2]
    if (indexed !== undefined && !created.has(unquote(indexed)) && !locks.has(unquote(indexed)))
      locks.set(unquote(indexed), 'SHARE')
    const unindexed = patterns.dropIndex.exec(sql)?.[1]
    if (unindexed !== undefined) locks.set(`index ${unquote(unindexed)}`, 'ACCESS EXCLUSIVE')
  }
  return { destroys: [...destroys], locks: [...locks].map(([table, level]) => `${level} ${table}`) }
}

/** The table whose name something else takes, or that is made once more. */
function replacedBy(text: string): string[] {
  const sql = withoutComments(text)
  const action = patterns.alterTable.exec(sql)?.[2]
  const target = action === undefined ? patterns.createTable.exec(sql)?.[1] : patterns.renameTo.exec(action)?.[1]
  return target === undefined ? [] : [unquote(target)]
}

function listOf(columns: string | undefined): string[] {
  return (columns ?? '').split(',').map((column) => unquote(column.trim()))
}

function withoutComments(sql: string): string {
  return sql
    .replace(/^(?:\s+|--[^\n]*\n|\/\*[\s\S]*?\*\/)+/, '')
    .trim()
    .replace(/;$/, '')
}

function withoutLiterals(sql: string): string {
  return sql.replace(/'(?:[^']|'')*'/g, "''")
}

function unquote(text: string): string {
  return text
    .split(/\.(?=(?:[^"]*"[^"]*")*[^"]*$)/)
    .map((part) => (part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part))
    .join('.')
}
