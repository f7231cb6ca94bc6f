import type { Positional } from '../parser/command'
import type { Options } from '../parser/options'

/** A command in a completion script. */
export interface CompletionCommand {
  readonly path: readonly string[]
  readonly describe: string
  readonly options: Options
  /** Its first word after the command, for example `REV`. */
  readonly positional: Positional | undefined
}

/** Completions of a REV, besides ids. */
const symbols = 'head heads base current'
/** Prints the ids of the project's revisions, one per line. Fast enough for completion, because it needs no database. */
const listRevisions = `aludel migrate history --quiet --no-color 2>/dev/null | cut -d ' ' -f 1`

/** A script for `~/.bashrc`. */
export function bashScript(commands: readonly CompletionCommand[]): string {
  const cases = commands.map(
    ({ path, options, positional }) =>
      `    '${path.join(' ')}'${path.length === 1 ? '*' : ''}) options='${optionNames(options).join(' ')}'; ${positionalCase(positional, 'bash')} ;;`,
  )
  const groups = [...new Set(commands.filter(({ path }) => path.length > 1).map(({ path }) => path[0] ?? ''))]
  const verbs = groups.map((group) => {
    const names = commands.filter(({ path }) => path[0] === group).map(({ path }) => path[1])
    return `    '${group} ') options='--help'; kind=words; candidates='${names.join(' ')}' ;;`
  })
  const top = [...groups, ...commands.filter(({ path }) => path.length === 1).map(({ path }) => path[0])]
  return `# bash completion for aludel; in ~/.bashrc: source <(aludel completion bash)
_aludel() {
  local word=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]}
  local options= kind= candidates= i
  local -a names=()
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i - 1]} in ${pattern(valueOptions(commands))}) continue ;; esac
    [[ \${COMP_WORDS[i]} == -* ]] || names+=("\${COMP_WORDS[i]}")
  done
  case "\${names[0]} \${names[1]}" in
    ' ') options='--help --version'; kind=words; candidates='${top.join(' ')}' ;;
${[...verbs, ...cases].join('\n')}
  esac
  case "\${names[0]} \${names[1]} $previous" in
${valueCases(commands, 'bash').join('\n')}
  esac
  if [[ $word == -* && $kind != value-* ]]; then COMPREPLY=($(compgen -W "$options" -- "$word")); return; fi
  case $kind in
    words | value-words) COMPREPLY=($(compgen -W "$candidates" -- "$word")) ;;
    revision | value-revision) COMPREPLY=($(compgen -W "${symbols} $(${listRevisions})" -- "$word")) ;;
    file | value-file) COMPREPLY=($(compgen -f -- "$word")) ;;
    directory | value-directory) COMPREPLY=($(compgen -d -- "$word")) ;;
  esac
}
complete -F _aludel aludel
`
}

/** A script for a directory of zsh's `fpath`, or to be sourced. */
export function zshScript(commands: readonly CompletionCommand[]): string {
  const groups = [...new Set(commands.filter(({ path }) => path.length > 1).map(({ path }) => path[0] ?? ''))]
  const verbs = groups.map((group) => {
    const names = commands
      .filter(({ path }) => path[0] === group)
      .map(({ path, describe }) => described(path[1] ?? '', describe))
    return `    '${group} ') candidates=(${names.join(' ')}) ;;`
  })
  const cases = commands.map(({ path, options, positional }) => {
    const names = Object.entries(options).map(([name, option]) => described(`--${name}`, option.describe))
    return `    '${path.join(' ')}'${path.length === 1 ? '*' : ''}) options=(${names.join(' ')}); ${positionalCase(positional, 'zsh')} ;;`
  })
  const top = commands
    .filter(({ path }) => path.length === 1)
    .map(({ path, describe }) => described(path[0] ?? '', describe))
  return `#compdef aludel
# zsh completion for aludel; in a directory of fpath as _aludel, or: source <(aludel completion zsh)
_aludel() {
  local -a options candidates names
  local kind= i word=$words[CURRENT] previous=$words[CURRENT-1]
  for ((i = 2; i < CURRENT; i++)); do
    case $words[i-1] in ${pattern(valueOptions(commands))}) continue ;; esac
    [[ $words[i] == -* ]] || names+=("$words[i]")
  done
  case "$names[1] $names[2]" in
    ' ') candidates=(${[...groups, ...top].join(' ')}) ;;
${[...verbs, ...cases].join('\n')}
  esac
  case "$names[1] $names[2] $previous" in
${valueCases(commands, 'zsh').join('\n')}
  esac
  case $kind in
    value-any) return ;;
    revision | value-revision) candidates+=(${symbols} \${(f)"$(${listRevisions})"}) ;;
  esac
  if [[ $word == -* && $kind != value-* ]]; then _describe option options; return; fi
  case $kind in
    file | value-file) _files ;;
    directory | value-directory) _files -/ ;;
    *) _describe value candidates ;;
  esac
}
if [[ $funcstack[1] == _aludel ]]; then _aludel "$@"; else compdef _aludel aludel; fi
`
}

/** A script for `~/.config/fish/completions`, or to be sourced. */
export function fishScript(commands: readonly CompletionCommand[]): string {
  const lines = [
    '# fish completion for aludel; in ~/.config/fish/completions/aludel.fish, or: aludel completion fish | source',
    'function __aludel_words',
    '  set -l words (commandline -opc)',
    '  set -l skip 0',
    '  for word in $words[2..-1]',
    '    if test $skip = 1',
    '      set skip 0',
    `    else if contains -- $word ${[...valueOptions(commands).keys()].join(' ')}`,
    '      set skip 1',
    "    else if not string match -q -- '-*' $word",
    '      echo $word',
    '    end',
    '  end',
    'end',
    'function __aludel_at',
    '  set -l words (__aludel_words)',
    '  test (count $words) -ge (count $argv); or return 1',
    '  for index in (seq (count $argv))',
    '    test $words[$index] = $argv[$index]; or return 1',
    '  end',
    'end',
    'function __aludel_after',
    '  test (count (__aludel_words)) -eq (count $argv); or return 1',
    '  test (count $argv) -eq 0; or __aludel_at $argv',
    'end',
    `function __aludel_revisions; string split ' ' '${symbols}'; ${listRevisions}; end`,
    'complete -c aludel -f',
  ]
  const complete = (condition: string, rest: string): number =>
    lines.push(`complete -c aludel -n '${condition}' ${rest}`)
  const groups = [...new Set(commands.filter(({ path }) => path.length > 1).map(({ path }) => path[0] ?? ''))]
  complete('__aludel_after', `-a '${groups.join(' ')}'`)
  for (const { path, describe, options, positional } of commands) {
    const [verb = ''] = path.slice(-1)
    complete(['__aludel_after', ...path.slice(0, -1)].join(' '), `-a ${verb} -d ${fishText(describe)}`)
    const here = `__aludel_at ${path.join(' ')}`
    for (const [name, option] of Object.entries(options)) {
      const short = option.alias === undefined ? '' : ` -s ${option.alias}`
      const choices = 'choices' in option ? option.choices : undefined
      const values = option.kind === 'flag' ? '' : fishValues(option.value, choices) || ' -x'
      complete(here, `-l ${name}${short}${values} -d ${fishText(option.describe)}`)
    }
    if (positional !== undefined) {
      const values = fishValues(positional.name, positional.choices)
      if (values !== '') complete(here, values.replace(/^ -[xr]/, '').trim())
    }
  }
  return `${lines.join('\n')}\n`
}

/** The options of fish that complete a value; `-F`: files and directories. */
function fishValues(value: string, choices: readonly string[] | undefined): string {
  if (choices !== undefined) return ` -x -a '${choices.join(' ')}'`
  switch (kindOf(value)) {
    case 'revision':
      return " -x -a '(__aludel_revisions)'"
    case 'file':
      return ' -r -F'
    case 'directory':
      return " -x -a '(__fish_complete_directories)'"
    default:
      return ''
  }
}

function fishText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

function optionNames(options: Options): string[] {
  return Object.entries(options).flatMap(([name, { alias }]) => [
    `--${name}`,
    ...(alias === undefined ? [] : [`-${alias}`]),
  ])
}

/** Options of any command that take a value: the word after them is not a command. */
function valueOptions(
  commands: readonly CompletionCommand[],
): Map<string, { readonly value: string; readonly choices?: readonly string[] }> {
  const found = new Map<string, { readonly value: string; readonly choices?: readonly string[] }>()
  for (const { options } of commands) {
    for (const [name, option] of Object.entries(options)) {
      if (option.kind === 'flag') continue
      found.set(`--${name}`, option)
      if (option.alias !== undefined) found.set(`-${option.alias}`, option)
    }
  }
  return found
}

function pattern(options: ReadonlyMap<string, unknown>): string {
  return [...options.keys()].join(' | ')
}

/** Cases of the words before the value: commands may have an option of the same name with other values. */
function valueCases(commands: readonly CompletionCommand[], shell: Shell): string[] {
  const cases = new Map<string, Map<string, string[]>>()
  for (const command of commands) {
    for (const [name, { value, choices }] of valueOptions([command])) {
      const values =
        choices === undefined
          ? `kind=value-${kindOf(value)}`
          : `kind=value-words; candidates=${wordList(choices, shell)}`
      const ofOption = cases.get(name) ?? new Map<string, string[]>()
      cases.set(name, ofOption)
      ofOption.set(values, [...(ofOption.get(values) ?? []), commandPattern(command, name)])
    }
  }
  return [...cases].flatMap(([name, byValues]) =>
    [...byValues].map(([values, patterns]) => {
      const anywhere = [`*' ${name}'`]
      return `    ${(byValues.size === 1 ? anywhere : patterns).join(' | ')}) ${values} ;;`
    }),
  )
}

function commandPattern({ path }: CompletionCommand, option: string): string {
  return path.length === 1 ? `'${path.join(' ')} '*' ${option}'` : `'${path.join(' ')} ${option}'`
}

type Shell = 'bash' | 'zsh'

function positionalCase(positional: Positional | undefined, shell: Shell): string {
  if (positional === undefined) return 'kind=any'
  const { name, choices } = positional
  return choices === undefined ? `kind=${kindOf(name)}` : `kind=words; candidates=${wordList(choices, shell)}`
}

function wordList(words: readonly string[], shell: Shell): string {
  return shell === 'zsh' ? `(${words.join(' ')})` : `'${words.join(' ')}'`
}

/** The kind of completion of a value, from its placeholder in the help; `any`: none. */
function kindOf(value: string): 'revision' | 'file' | 'directory' | 'any' {
  switch (value) {
    case 'REV':
    case 'RANGE':
    case 'A:B':
      return 'revision'
    case 'FILE':
      return 'file'
    case 'DIR':
      return 'directory'
    default:
      return 'any'
  }
}

/** `'name:description'`, the format of zsh's `_describe`. */
function described(name: string, describe: string): string {
  return `'${`${name}:${describe}`.replaceAll("'", "'\\''")}'`
}
