import type { RepairChange } from '@aludel/engine'

import type { Colors } from './output'

/** The changes of a repair, with a diff of every edited file. */
export function changeLines(changes: readonly RepairChange[], colors: Colors): string[] {
  const lines = changes.flatMap((change) => [
    `${signs[change.what]} ${change.text}`,
    ...differenceLines(change, colors),
  ])
  const edited = changes.find(({ what }) => what === 'checksum')
  return edited === undefined ? lines : [...lines, ...databaseLines(edited)]
}

/** The difference between the edited files and the database, common to all of them. */
function databaseLines({ database = [], databaseError }: RepairChange): string[] {
  if (databaseError !== undefined)
    return [`The database could not be compared with the files as they are now: ${databaseError}`]
  if (database.length === 0) return ['The database has the schema of the files as they are now.']
  return ['From the schema of the files as they are now to the database:', ...database.map((line) => `  ${line}`)]
}

const signs: Readonly<Record<RepairChange['what'], string>> = { checksum: '~', remove: '-', restore: '+', order: '~' }

function differenceLines({ what, diff, source }: RepairChange, colors: Colors): string[] {
  if (what !== 'checksum') return []
  if (diff == null) return [`    The applied text cannot be shown: ${source ?? 'it was not recorded'}.`]
  return diff.split('\n').map((line) => `    ${paint(line, colors)}`)
}

function paint(line: string, colors: Colors): string {
  if (line.startsWith('+++') || line.startsWith('---')) return colors.bold(line)
  if (line.startsWith('+')) return colors.green(line)
  if (line.startsWith('-')) return colors.red(line)
  return line.startsWith('@@') ? colors.cyan(line) : line
}
