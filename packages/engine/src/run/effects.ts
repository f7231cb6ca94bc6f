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

const patterns = {
  createTable: new RegExp(String.raw`^CREATE\s+(?:TEMP(?:ORARY)?\s+|UNLOGGED\s+)?TABLE\s+${optional}${name}`, 'i'),
  dropTable: new RegExp(String.raw`^DROP\s+TABLE\s+${optional}${name}`, 'i'),
  alterTable: new RegExp(String.raw`^ALTER\s+TABLE\s+${optional}${name}\s+([\s\S]*)$`, 'i'),
  renameTo: new RegExp(String.raw`^RENAME\s+TO\s+${name}`, 'i'),
  dropColumn: new RegExp(
    String.raw`\bDROP\s+(?:COLUMN\s+)?${optional}(?!CONSTRAINT\b|DEFAULT\b|NOT\b|IDENTITY\b|EXPRESSION\b)${name}`,
    'gi',
  ),
  copy: new RegExp(String.raw`^INSERT\s+INTO\s+${name}\s*\(([^)]*)\)\s*SELECT\b[\s\S]*\bFROM\s+${name}\s*$`, 'i'),
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
  const replaced = new Set(statements.flatMap(renamedTo))

  for (const text of statements) {
    const sql = withoutComments(text)
    const made = patterns.createTable.exec(sql)?.[1]
    if (made !== undefined) created.add(unquote(made))

    const copy = patterns.copy.exec(sql)
    if (copy?.[1] !== undefined && copy[3] !== undefined) {
      const source = unquote(copy[3])
      copied.set(source, unquote(copy[1]))
      const kept = new Set((copy[2] ?? '').split(',').map((column) => unquote(column.trim())))
      const gone = (columnsOf(source) ?? []).filter((column) => !kept.has(column))
      for (const column of gone) destroys.add(`values of ${source}.${column}`)
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

function renamedTo(sql: string): string[] {
  const action = patterns.alterTable.exec(withoutComments(sql))?.[2]
  const target = action === undefined ? undefined : patterns.renameTo.exec(action)?.[1]
  return target === undefined ? [] : [unquote(target)]
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
