/** The longest list of what a revision does that is shown without `-v`. */
const enough = 6

/**
 * What a revision does, one line each. The statements that rebuild a table on SQLite become one line.
 *
 * @param limit false: all of them
 * @example
 * doesLines(['create table aludel_new_users', 'insert into aludel_new_users', 'drop table users', 'rename table aludel_new_users to users'])
 * // ['rebuild table users, with its rows']
 */
export function doesLines(does: readonly string[], limit = true): readonly string[] {
  const rebuilt = does.flatMap((text) => /^rename table aludel_new_(\S+) to /.exec(text)?.[1] ?? [])
  const isPart = (text: string): boolean =>
    rebuilt.some((table) => text === `drop table ${table}` || text.includes(`aludel_new_${table}`))
  const lines = [
    ...new Set(
      does.flatMap((text) => {
        const table = /^rename table aludel_new_(\S+) to /.exec(text)?.[1]
        if (table !== undefined) return [`rebuild table ${table}, with its rows`]
        // Guards that count rows, and settings of the session.
        if (isPart(text) || /^(?:select|pragma|set|values)\b/.test(text)) return []
        return [text]
      }),
    ),
  ]
  if (!limit || lines.length <= enough + 1) return lines
  return [...lines.slice(0, enough), `and ${String(lines.length - enough)} more (-v shows all)`]
}
