import type { RepairChange } from '@aludel/engine'

import type { Colors } from './output'

/** What a repair does, with the difference of every file that was edited. */
export function changeLines(changes: readonly RepairChange[], colors: Colors): string[] {
  const lines = changes.flatMap((change) => [
    `${signs[change.what]} ${change.text}`,
    ...differenceLines(change, colors),
  ])
  const edited = changes.find(({ what }) => what === 'checksum')
  return edited === undefined ? lines : [...lines, ...databaseLines(edited)]
}

/** What edited files mean for the database; the same for all of them. */
function databaseLines({ database = [], databaseError }: RepairChange): string[] {
  if (databaseError !== undefined)
    return [`Whether the database has what the files make now is not known: ${databaseError}`]
  if (database.length === 0) return ['The database has the shape that the files make now.']
  return ['From what the files make now to what the database has it takes:', ...database.map((line) => `  ${line}`)]
}

const signs: Readonly<Record<RepairChange['what'], string>> = { checksum: '~', remove: '-', restore: '+', order: '~' }

function differenceLines({ what, diff, source }: RepairChange, colors: Colors): string[] {
  if (what !== 'checksum') return []
  if (diff == null) return [`    The text that was applied cannot be shown: ${source ?? 'it was not recorded'}.`]
  return diff.split('\n').map((line) => `    ${paint(line, colors)}`)
}

function paint(line: string, colors: Colors): string {
  if (line.startsWith('+++') || line.startsWith('---')) return colors.bold(line)
  if (line.startsWith('+')) return colors.green(line)
  if (line.startsWith('-')) return colors.red(line)
  return line.startsWith('@@') ? colors.cyan(line) : line
}
