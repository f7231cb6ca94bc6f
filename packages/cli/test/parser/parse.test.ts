// cspell:ignore migrat sqll tcsh upgarde
import { parseCommandLine } from '../../src/parser/parse'
import type { Command } from '../../src/parser/command'
import { commands } from '../../src/commands/table'
import { command as downgrade } from '../../src/commands/migrate/downgrade'

interface ParsedCommand {
  readonly command: Command
  readonly args: Readonly<Record<string, unknown>>
  readonly globals: Readonly<Record<string, unknown>>
}

async function parse(...argv: string[]): Promise<ParsedCommand> {
  const parsed = await parseCommandLine(argv, '1.2.3', 80)
  if (parsed.kind !== 'command') throw new Error(`printed: ${parsed.text}`)
  return parsed
}

async function text(...argv: string[]): Promise<string> {
  const parsed = await parseCommandLine(argv, '1.2.3', 80)
  if (parsed.kind !== 'text') throw new Error('ran a command')
  return parsed.text
}

async function failure(...argv: string[]): Promise<{ message: string; help: string }> {
  const error: unknown = await parse(...argv).then(
    () => new Error('did not fail'),
    (reason: unknown) => reason,
  )
  expect(error).toMatchObject({ code: 'ALUDEL_USAGE', kind: 'usage' })
  const { message, help = '' } = error as { message: string; help?: string }
  return { message, help }
}

describe('relative revisions on the command line', () => {
  test.each([
    [['migrate', 'downgrade', '-1'], { REV: '-1' }],
    [['migrate', 'downgrade', '-12', '--yes'], { REV: '-12' }],
    [['migrate', 'downgrade', '--revision', '-1'], { revision: '-1', REV: undefined }],
    [['migrate', 'downgrade', '--revision=-1'], { revision: '-1' }],
    [['migrate', 'upgrade', '+2'], { REV: '+2' }],
    [['migrate', 'history', '-r', '-3:current'], { range: '-3:current' }],
    [['migrate', 'history', '-r-3:current'], { range: '-3:current' }],
    [['migrate', 'history', '--range', '-3:'], { range: '-3:' }],
    [['migrate', 'stamp', '-1', 'head'], { REV: ['-1', 'head'] }],
    [['migrate', 'show', 'label@-1'], { REV: 'label@-1' }],
  ])('parses %j', async (argv, expected) => {
    expect((await parse(...argv)).args).toMatchObject(expected)
  })

  test('keeps revision ids of digits as text', async () => {
    expect((await parse('migrate', 'show', '000123456789')).args).toMatchObject({ REV: '000123456789' })
    expect((await parse('migrate', 'upgrade', '--revision', '1e5')).args).toMatchObject({ revision: '1e5' })
  })
})

describe('options on the command line', () => {
  test('accepts global options before and after the command', async () => {
    const before = await parse('--json', '--database-url', 'sqlite://', 'migrate', 'current')
    const after = await parse('migrate', 'current', '--database-url=sqlite://', '--json')
    expect(before.globals).toEqual(after.globals)
    expect(after.globals).toMatchObject({ json: true, 'database-url': 'sqlite://', yes: false, revisions: [] })
  })

  test('accepts short options combined in one word', async () => {
    expect((await parse('migrate', 'downgrade', '-yv')).globals).toMatchObject({ yes: true, verbose: true })
  })

  test('reads options named "no-…" as separate options, not as negations', async () => {
    const { args, globals } = await parse(
      'migrate',
      'create',
      'x',
      '--no-input',
      '--no-autogenerate',
      '--no-rename',
      't.a',
      '--rename',
      't.b=c',
    )
    expect(globals).toMatchObject({ 'no-input': true, 'no-color': false })
    expect(args).toMatchObject({ 'no-autogenerate': true, 'no-rename': ['t.a'], rename: ['t.b=c'] })
  })

  test('collects repeated options in order and takes one value each time', async () => {
    const { args, globals } = await parse(
      '--revisions',
      'a',
      'migrate',
      'merge',
      '--revisions',
      'b',
      'one',
      'two',
      '-m',
      'both',
    )
    expect(globals['revisions']).toEqual(['a', 'b'])
    expect(args).toMatchObject({ REV: ['one', 'two'], message: 'both' })
  })

  test('accepts quotes, dashes and spaces in a message', async () => {
    expect((await parse('migrate', 'create', 'add "priority" = 1 -- really')).args).toMatchObject({
      MESSAGE: 'add "priority" = 1 -- really',
    })
    expect((await parse('migrate', 'create', '--', '--odd')).args).toMatchObject({ MESSAGE: '--odd' })
    expect((await parse('migrate', 'create', '-5 percent')).args).toMatchObject({ MESSAGE: '-5 percent' })
  })

  test('loads only the command that is named', async () => {
    const loads = commands.map((entry) => [entry, jest.spyOn(entry, 'load')] as const)
    expect((await parse('migrate', 'downgrade')).command).toBe(downgrade)
    await text('--help')
    await text('migrate', '--help')
    const loaded = loads.filter(([, load]) => load.mock.calls.length > 0).map(([{ path }]) => path.join(' '))
    jest.restoreAllMocks()
    expect(loaded).toEqual(['migrate downgrade'])
  })
})

describe('wrong command lines', () => {
  test.each([
    [
      ['--json'],
      'a command is missing after `aludel`',
      'One of migrate, db, backup, reviews, stats, cache, metrics, audit, web, completion.',
    ],
    [['migrate', '--json'], 'a command is missing after `aludel migrate`', 'current, history'],
    [['migrat', 'upgrade'], 'unknown command "migrat"', 'Did you mean `aludel migrate`?'],
    [['upgarde'], 'unknown command "upgarde"', 'Did you mean `aludel upgrade`?'],
    [['import'], 'unknown command "import"', 'Did you mean `aludel reviews import`?'],
    [['upgrade', '--sqll'], 'unknown option --sqll', 'Did you mean `--sql`? See `aludel migrate upgrade --help`.'],
    [['migrate', 'upgarde'], 'unknown command "migrate upgarde"', 'Did you mean `aludel migrate upgrade`?'],
    // The name of the group does not make it look like `migrate show`.
    [['migrate', 'foo'], 'unknown command "migrate foo"', /^See `aludel migrate --help`\.$/],
    [['postgres://u:p@h/d'], 'unknown command that may name a database', '--database-url'],
    [['migrate', 'current', 'u:p@h/d'], 'unexpected argument that may name a database', '--database-url'],
    [['migrate', 'upgrade', 'postgres//u:p@h/d'], 'REV cannot be a database', '--database-url'],
    [['migrate', 'upgrade', 'u:p@h/d'], 'REV cannot be a database', '--database-url'],
    [['migrate', 'upgrade', 'u:p@localhost'], 'REV cannot be a database', '--database-url'],
    [['migrate', 'show', 'u:p@127.0.0.1'], 'REV cannot be a database', '--database-url'],
    [['migrate', 'create', 'host=h password=p'], 'MESSAGE cannot be a database', '--database-url'],
    [
      ['--data-source', 'postgres://u:p@h/d', 'migrate', 'current'],
      '--data-source cannot be a database',
      '--database-url',
    ],
    [['migrate', 'tidy'], 'unknown command "migrate tidy"', 'aludel migrate --help'],
    [['migrate', 'upgrade', '--sqll'], 'unknown option --sqll', 'Did you mean `--sql`?'],
    [['migrate', 'upgrade', '--no-inputs'], 'unknown option --no-inputs', 'Did you mean `--no-input`?'],
    [['migrate', 'upgrade', '-x'], 'unknown option -x', 'aludel migrate upgrade --help'],
    [['migrate', 'upgrade', 'a', 'b'], 'unexpected argument "b"', 'aludel migrate upgrade --help'],
    [['migrate', 'show'], 'REV is missing', 'aludel migrate show --help'],
    [['migrate', 'create'], 'MESSAGE is missing', 'aludel migrate create --help'],
    [['migrate', 'upgrade', '--transaction', 'al'], '--transaction cannot be "al"', 'Did you mean all?'],
    [['migrate', 'upgrade', '--transaction', 'never'], '--transaction cannot be "never"', 'One of each, all.'],
    [['migrate', 'upgrade', '--config'], '--config needs a value: FILE', 'See `aludel migrate upgrade --help`.'],
    [['migrate', 'upgrade', '--config='], '--config needs a value: FILE', /^$/],
    [
      ['migrate', 'upgrade', '--config', '--json'],
      '--config needs a value: FILE',
      'See `aludel migrate upgrade --help`.',
    ],
    [['migrate', 'history', '-r'], '--range needs a value: A:B', 'See `aludel migrate history --help`.'],
    [['migrate', 'upgrade', '--sql=yes'], '--sql takes no value', /^$/],
    [['migrate', 'upgrade', '--config', 'a', '--config', 'b'], '--config is given 2 times', /^$/],
    [['completion', 'tcsh'], 'SHELL cannot be "tcsh"', 'One of bash, zsh, fish.'],
    [['migrate', 'show', '-1', '-2'], 'unexpected argument "-2"', 'See `aludel migrate show --help`.'],
  ])('rejects %j: %s', async (argv, message, help) => {
    const error = await failure(...argv)
    expect(error.message).toContain(message)
    expect(error.help).toMatch(help)
  })
})

describe('help and version', () => {
  test('lists commands and global options exactly once', async () => {
    const help = await text('--help')
    for (const line of [
      'migrate upgrade [REV]',
      'db info',
      'reviews import <DIR>',
      'completion [SHELL]',
      '--database-url URL',
    ]) {
      expect(help.split(line)).toHaveLength(2)
    }
  })

  test('explains a command even when a required argument is missing', async () => {
    const help = await text('migrate', 'show', '--help')
    expect(help).toContain('Usage: aludel migrate show <REV> [options]')
    expect(await text('migrate', 'show', '-h')).toBe(help)
  })

  test('prints help when no command is given', async () => {
    expect(await text()).toBe(await text('--help'))
    expect(await text('migrate')).toBe(await text('migrate', '--help'))
    expect(await text('db', '-v')).toBe(await text('db', '--help'))
  })

  test.each(commands.filter(({ path }) => path[0] === 'migrate').map(({ path }) => path[1] ?? ''))(
    'takes `aludel %s` for the command of migrate',
    async (verb) => {
      expect(await text(verb, '--help')).toBe(await text('migrate', verb, '--help'))
    },
  )

  test('lists the commands of a group', async () => {
    expect(await text('db', '--help')).toContain('info')
  })

  test('wraps help to the width of the terminal', async () => {
    const parsed = await parseCommandLine(['migrate', 'create', '--help'], '1.2.3', 60)
    const lines = parsed.kind === 'text' ? parsed.text.split('\n') : []
    expect(lines.filter((line) => line.length > 60 && !line.startsWith('  aludel'))).toEqual([])
  })

  test('prints the version for --version', async () => {
    expect(await text('--version')).toBe('1.2.3\n')
  })
})
