import { shortPath } from '../../output/format'
import { defineCommand } from '../../parser/command'
import { withMigrator } from '../../project/migrator'
import { directoryOption, placeOf } from './directory'

export const command = defineCommand({
  positionals: [{ name: 'BACKUP', describe: 'its id, or the beginning of it; default: the latest' }],
  options: directoryOption,
  examples: [
    ['backup verify', 'read the latest backup again; exit 3 if it is damaged'],
    ['backup verify 20261130T04', 'another one, by the beginning of its id'],
  ],
  async run(args, context) {
    const result = await withMigrator(context, (migrator) => migrator.verifyBackup(args.BACKUP, placeOf(args, context)))
    return {
      json: result,
      exitCode: result.ok ? 0 : 3,
      human: (out) => {
        const { green, red, yellow } = out.colors
        const where = `${yellow(result.id)} (${shortPath(result.path, context.cwd)})`
        if (result.ok) out.note(`${green('✓')} Backup ${where} is intact: ${words(result.checked)}.`)
        else out.lines(`${red('✗')} Backup ${where} is damaged:`, ...result.problems.map((text) => `  ${text}`))
        if (result.unchecked !== undefined) out.warn(`its content was not read: ${result.unchecked}`)
      },
    }
  },
})

/** `size, checksum and rows` */
function words(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`
}
