import pg from 'pg'

/**
 * Opens the log of a server that writes all statements to a file, with `log_line_prefix = '%p '`.
 *
 * @param {string} server URL of a superuser
 */
export async function openLog(server) {
  const client = new pg.Client(server)
  await client.connect()
  const { rows } = await client.query('SELECT pg_backend_pid() AS own')
  const own = String(rows[0].own)
  let from = 0
  const size = async () => {
    const { rows: sizes } = await client.query('SELECT (pg_stat_file(pg_current_logfile())).size::float8 AS size')
    return Number(sizes[0].size)
  }
  return {
    /** Forgets what is in the log. */
    skip: async () => {
      from = await size()
    },
    /** @returns {Promise<string[]>} the statements of other sessions since then */
    statements: async () => {
      const until = await size()
      const { rows: texts } = await client.query('SELECT pg_read_file(pg_current_logfile(), $1, $2) AS text', [
        from,
        until - from,
      ])
      return statementsIn(texts[0].text, own)
    },
    close: () => client.end(),
  }
}

/**
 * @param {string} log
 * @param {string} own the process id whose lines are left out
 */
function statementsIn(log, own) {
  // A statement of several lines goes on in lines that begin with a tab.
  return log
    .replaceAll('\n\t', ' ')
    .split('\n')
    .flatMap((line) => {
      const [, pid, statement] = /^(\d+) LOG: {2}(?:statement|execute [^:]*): (.*)$/.exec(line) ?? []
      return statement === undefined || pid === own ? [] : [statement.trim()]
    })
}
