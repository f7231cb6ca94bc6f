import path from 'node:path'

import type { BackupPlace } from '@aludel/engine'

import type { CommandContext } from '../../command-context'
import { text, type Values } from '../../parser/options'

/** The option of every command about backups. */
export const directoryOption = {
  directory: text('DIR', 'the folder of the backups; default: backup.directory of the configuration, else backups/'),
} as const

/** The folder that was given, from the working directory. */
export function placeOf({ directory }: Values<typeof directoryOption>, { cwd }: CommandContext): BackupPlace {
  return directory === undefined ? {} : { directory: path.resolve(cwd, directory) }
}
