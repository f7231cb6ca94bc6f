import { AludelError } from '../../errors'

/** The parts of `--rename left=right`. What the left side names depends on the schemas (see `renameQuestions`). */
export interface RenameFlag {
  /** `table`, `table.column` or `table.column.value`, with an optional `schema.` prefix. */
  readonly left: string
  /** The new name of the table, column or value. */
  readonly right: string
}

/**
 * Reads the value of `--rename`.
 *
 * @throws AludelError `ALUDEL_USAGE` if it is not `old=new`
 * @example
 * parseRenameFlag('users.name=full_name') // { left: 'users.name', right: 'full_name' }
 */
export function parseRenameFlag(flag: string): RenameFlag {
  return cut('--rename', flag, 'For a column: --rename table.old=new. For a table: --rename old_table=new_table.')
}

/**
 * Reads the value of `--map`: a removed enum value, and the one that its rows get.
 *
 * @throws AludelError `ALUDEL_USAGE` if it is not `table.column.old=kept`
 */
export function parseMapFlag(flag: string): RenameFlag {
  return cut('--map', flag, 'A removed and a remaining enum value: --map table.column.old=kept.')
}

function cut(option: string, flag: string, help: string): RenameFlag {
  const at = flag.indexOf('=')
  const [left, right] = [flag.slice(0, Math.max(at, 0)).trim(), flag.slice(at + 1).trim()]
  if (at < 0 || left === '' || right === '') {
    throw new AludelError('ALUDEL_USAGE', `${option} ${flag} is not of the form old=new`, { help, details: { flag } })
  }
  return { left, right }
}

/**
 * Reads the value of `--no-rename`: `table`, `table.column` or `table.column.value`.
 *
 * @throws AludelError `ALUDEL_USAGE` if it is empty or contains an equals sign
 */
export function parseNoRenameFlag(flag: string): string {
  const name = flag.trim()
  if (name === '' || name.includes('=')) {
    throw new AludelError('ALUDEL_USAGE', `--no-rename ${flag} does not name a table or a column`, {
      help: 'For a column: --no-rename table.old. For a table: --no-rename old_table.',
      details: { flag },
    })
  }
  return name
}
