import { AludelError } from '../errors'

/** `--rename left=right`, cut; what the left side names is told by the schemas (see `renameQuestions`). */
export interface RenameFlag {
  /** `table`, `schema.table`, `table.column` or `schema.table.column`. */
  readonly left: string
  /** The new name of the table or column. */
  readonly right: string
}

/**
 * Reads the value of `--rename`.
 *
 * @throws AludelError `ALUDEL_USAGE` when it is not `old=new`
 * @example
 * parseRenameFlag('users.name=full_name') // { left: 'users.name', right: 'full_name' }
 */
export function parseRenameFlag(flag: string): RenameFlag {
  const at = flag.indexOf('=')
  const [left, right] = [flag.slice(0, Math.max(at, 0)).trim(), flag.slice(at + 1).trim()]
  if (at < 0 || left === '' || right === '') {
    throw new AludelError('ALUDEL_USAGE', `--rename ${flag} is not of the form old=new`, {
      help: 'For a column: --rename table.old=new. For a table: --rename old_table=new_table.',
      details: { flag },
    })
  }
  return { left, right }
}

/**
 * Reads the value of `--no-rename`: `table`, or `table.column`.
 *
 * @throws AludelError `ALUDEL_USAGE` when it is empty or has an equals sign
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
