import { bashScript, fishScript, zshScript, type CompletionCommand } from '../output/completion'
import { defineCommand } from '../parser/command'
import { globalOptions } from '../parser/global-options'
import { commands, isShort } from './table'

const scripts: Readonly<Record<'bash' | 'zsh' | 'fish', (commands: readonly CompletionCommand[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
}

export const command = defineCommand({
  positionals: [{ name: 'SHELL', describe: 'bash, zsh or fish; default: yours', choices: ['bash', 'zsh', 'fish'] }],
  options: {},
  examples: [
    ['completion bash >> ~/.bashrc', 'for bash'],
    ['completion zsh > ~/.zfunc/_aludel', 'for zsh, with ~/.zfunc in fpath'],
    ['completion fish > ~/.config/fish/completions/aludel.fish', 'for fish'],
  ],
  async run(args, { env }) {
    const shell = args.SHELL ?? yours(env['SHELL'])
    const paths = commands.flatMap((entry) =>
      isShort(entry)
        ? [
            { entry, path: entry.path },
            { entry, path: entry.path.slice(1) },
          ]
        : [{ entry, path: entry.path }],
    )
    const all = await Promise.all(
      paths.map(async ({ entry, path }) => {
        const loaded = await entry.load()
        return {
          path,
          describe: entry.describe,
          options: { ...loaded.options, ...globalOptions },
          positional: loaded.positionals[0],
        }
      }),
    )
    const script = scripts[shell](all)
    return { json: { shell, script }, human: (out) => out.raw(script) }
  },
})

function yours(program: string | undefined): 'bash' | 'zsh' | 'fish' {
  if (program?.endsWith('zsh') === true) return 'zsh'
  return program?.endsWith('fish') === true ? 'fish' : 'bash'
}
