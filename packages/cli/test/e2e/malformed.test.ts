// cspell:ignore frobnicate migrat upgarde tcsh Sorce
import { mkdirSync } from 'node:fs'
import path from 'node:path'

import { errorCodes, type ErrorCode } from '@aludel/engine'

import { exitCodes } from '../../src/errors'
import { commands } from '../../src/commands/table'
import { aludel, aludelProcess, makeDirectory, type Ran, removeDirectory, writeFiles } from './harness'
import { shop } from './shop'
import type { ErrorDocument } from './shop-project'

jest.setTimeout(600_000)

/** Is in every URL of these calls, and must never be printed. */
const secret = 's3cr3t'
/** Milliseconds after which a call counts as one that never ends: each takes a second, and a busy machine many. */
const limit = 60_000
const long = 'x'.repeat(20_000)

/** A call that must fail, and the codes with which it may. */
interface Call {
  readonly args: readonly string[]
  readonly codes: readonly ErrorCode[]
  readonly env?: Readonly<Record<string, string>>
  /** Default: the shop. */
  readonly folder?: string
}

const usage: readonly ErrorCode[] = ['ALUDEL_USAGE']
const call = (codes: readonly ErrorCode[], ...args: readonly string[]): Call => ({ args, codes })

const groups: Readonly<Record<string, () => Promise<readonly Call[]> | readonly Call[]>> = {
  'wrong options and arguments of every command': async () => {
    const calls: Call[] = []
    for (const entry of commands) {
      const { options, positionals } = await entry.load()
      const needed = positionals.filter(({ required }) => required === true)
      const good = [...entry.path, ...needed.map(({ choices }) => choices?.[0] ?? 'head')]
      calls.push(call(usage, ...good, '--frobnicate', secret), call(usage, ...good, '--database-url', ''))
      calls.push(call(usage, ...good, '--config', 'a', '--config', 'b'), call(usage, ...good, '--verbose=perhaps'))
      if (needed.length > 0) calls.push(call(usage, ...entry.path))
      if (positionals.every(({ many }) => many !== true)) calls.push(call(usage, ...good, 'one', 'more', 'and more'))
      for (const [name, option] of Object.entries(options)) {
        if (option.kind === 'flag') calls.push(call(usage, ...good, `--${name}=${long}`))
        else calls.push(call(usage, ...good, `--${name}`), call(usage, ...good, `--${name}=`))
        if (option.kind === 'text') {
          calls.push(call(usage, ...good, `--${name}`, '1', `--${name}`, '2'))
          if (option.choices !== undefined) calls.push(call(usage, ...good, `--${name}`, 'größe'))
          if (option.value === 'TIME') calls.push(call(usage, ...good, `--${name}`, '5 bananas'))
        }
      }
    }
    return calls
  },

  'words that are no command': () =>
    [
      ...[['migrat'], ['migrate', 'upgarde'], ['日本'], [''], ['migrate', ''], [long], ['--', 'migrate', 'upgarde']],
      ...[['-Z'], ['--no-such'], ['completion', 'tcsh'], ['migrate', '--frobnicate']],
      ...[
        [`postgres://app:${secret}@db/x`],
        ['current', `postgres://app:${secret}@db/x`],
        ['constructor'],
        ['__proto__'],
      ],
    ].map((args) => call(usage, ...args)),

  'revisions that are none': () => {
    const unknown: readonly ErrorCode[] = [
      ...(['ALUDEL_USAGE', 'ALUDEL_UNKNOWN_REVISION', 'ALUDEL_MALFORMED_REVISION', 'ALUDEL_NOT_A_TARGET'] as const),
      ...(['ALUDEL_RELATIVE_OUT_OF_RANGE', 'ALUDEL_REVISION_INVALID'] as const),
    ]
    const bad = ['zzzz', 'a@b@c', 'head-99', 'a:b:c', '日本', long, '../../etc', "' OR 1=1 --", 'constructor']
    const lines = [
      ...['show', 'edit', 'upgrade', 'upgrade --sql', 'upgrade --plan', 'downgrade --yes', 'downgrade --sql', 'stamp'],
      ...['stamp --sql', 'graph', 'verify', 'squash', 'merge', 'rebase', 'repair', 'history -r', 'repair --remove'],
      ...['create x --no-autogenerate --head', 'create x --no-autogenerate --depends-on', 'rebase head --onto'],
    ]
    return lines.flatMap((line) => bad.map((one) => call(unknown, 'migrate', ...line.split(' '), one)))
  },

  'databases that cannot be used': () => {
    const url: readonly ErrorCode[] = ['ALUDEL_DATABASE_URL', 'ALUDEL_USAGE']
    const bad: readonly (readonly [string, readonly ErrorCode[]])[] = [
      ...[`mysql://app:${secret}@h/d`, `//app:${secret}@h/d`, `app:${secret}@h/d`, `postgres:app:${secret}@h/d`].map(
        (one) => [one, url] as const,
      ),
      ...[
        `postgres://app:${secret}@h:99999/d`,
        `postgres://app:${secret}@h:port/d`,
        `postgres://app:${secret}@/d?x=1`,
      ].map((one) => [one, url] as const),
      ...[`postgres://app:${secret}@h,i/d`, `postgres://app:${secret}%ZZ@h/d`, `sqlite://app:${secret}@h/d.db`].map(
        (one) => [one, url] as const,
      ),
      ...['sqlite:', '://', ' ', '日本', 'sqlite:///text.db?mode=ro', `postgres://app:${secret}@h/d?sslmode=maybe`].map(
        (one) => [one, url] as const,
      ),
      [`postgres://app:${secret}@127.0.0.1:1/d`, ['ALUDEL_CONNECT']],
      [`postgres://app:${secret}@nowhere.invalid/d?connect_timeout=3`, ['ALUDEL_CONNECT']],
      [`postgres://app:${secret}@/d?host=/nowhere`, ['ALUDEL_CONNECT']],
      [`postgres://app:${secret}@h/d?sslrootcert=nowhere.pem`, ['ALUDEL_DATABASE_URL', 'ALUDEL_CONNECT']],
      ['sqlite:///text.db', ['ALUDEL_NOT_A_DATABASE']],
      ['sqlite:///migrations', ['ALUDEL_CONNECT', 'ALUDEL_NOT_A_DATABASE']],
      ['sqlite:////proc/no/file.db', ['ALUDEL_CONNECT']],
      ['sqlite:///text.db/inside.db', ['ALUDEL_CONNECT']],
    ]
    const lines = [
      ['db', 'info'],
      ['migrate', 'upgrade'],
      ['migrate', 'history', '-i'],
      ['db', 'init'],
    ]
    return bad.flatMap(([one, codes], index) => [
      call(codes, ...(lines[index % lines.length] ?? []), '--database-url', one),
      { args: ['migrate', 'stamp', 'head'], codes, env: { DATABASE_URL: one }, folder: 'shipped' },
    ])
  },

  'configurations and files that are wrong': () => {
    const config: readonly ErrorCode[] = ['ALUDEL_CONFIG']
    const source: readonly ErrorCode[] = ['ALUDEL_DATA_SOURCE']
    const files: readonly ErrorCode[] = ['ALUDEL_REVISION_DIRECTORY']
    return [
      ...configs.map((_, index) => call(config, 'migrate', 'history', '--config', `wrong/${String(index)}.json`)),
      ...['nowhere.json', 'migrations', 'text.db', 'entities/user.ts', long].map((one) =>
        call(config, 'migrate', 'heads', '--config', one),
      ),
      ...['nowhere.ts', 'migrations', 'package.json', 'text.db', 'entities/user.ts', 'wrong/throws.js', long].map(
        (one) => call(source, 'migrate', 'current', '--data-source', one),
      ),
      ...['nowhere', 'package.json', long].flatMap((one) => [
        call(files, 'migrate', 'history', '--revisions', one),
        call(files, 'migrate', 'upgrade', '--revisions', one),
      ]),
      call(['ALUDEL_REVISION_SYNTAX'], 'migrate', 'history', '--revisions', 'wrong/syntax'),
      call(['ALUDEL_REVISION_INVALID'], 'migrate', 'history', '--revisions', 'wrong/name'),
      call(['ALUDEL_MISSING_PARENT'], 'migrate', 'upgrade', '--revisions', 'wrong/parent'),
      call(['ALUDEL_TEMPLATE'], 'migrate', 'create', 'x', '--no-autogenerate', '--revisions', 'wrong/template'),
      ...['nowhere/x.svg', 'migrations', long].map((one) => call(usage, 'migrate', 'graph', '-o', one)),
      call(usage, 'migrate', 'create', ''),
      call(usage, 'migrate', 'create', '   '),
      ...['a@1', '', ' ', 'head', '日本', long].map((one) =>
        call([...usage, 'ALUDEL_REVISION_INVALID'], 'migrate', 'create', 'x', '--no-autogenerate', '--rev-id', one),
      ),
      ...['head', 'a b', '', 'x@y', '+1'].map((one) =>
        call(
          [...usage, 'ALUDEL_REVISION_INVALID'],
          ...['migrate', 'create', 'x', '--no-autogenerate', '--branch-label', one],
        ),
      ),
      ...['users', 'users.x=', '=y', 'nowhere.x=y', long].map((one) =>
        call([...usage, 'ALUDEL_OPERATION', 'ALUDEL_RENAME_QUESTION'], 'migrate', 'create', 'x', '--rename', one),
      ),
      { ...call(config, 'migrate', 'init', '--revisions', 'm'), folder: 'broken' },
      { ...call(source, 'migrate', 'init'), folder: 'empty' },
      { ...call(['ALUDEL_REVIEWS', 'ALUDEL_USAGE'], 'reviews', 'import', 'nowhere'), folder: 'shipped' },
    ]
  },
}

/** Configurations with wrong values. */
const configs = [
  ...['', '{', '[]', 'null', '"x"', '7', '{"dataSorce":"x"}', '{"dataSource":7}', '{"dataSource":""}'],
  ...['{"revisions":7}', '{"revisions":[""]}', '{"dialects":["mysql"]}', '{"entities":7}', '{"unmanaged":["nothing"]}'],
  ...['{"ignore":{}}', '{"lock":"Lease"}', '{"tableLockTimeoutMs":"5s"}', '{"language":"py"}', '{"shadow":7}'],
  `{"shadow":{"postgres":7,"other":"postgres://app:${secret}@h/d"}}`,
]

let directory: string

beforeAll(() => {
  directory = makeDirectory(shop('sqlite'))
  const revision = (fields: string) =>
    `export class Step1700000000009 {\n  ${fields}\n  async up() {}\n  async down() {}\n}\n`
  writeFiles(directory, {
    'aludel.config.json': '{ "dataSource": "./data-source.ts", "revisions": "./migrations" }',
    'text.db': 'this is a text, and no database, '.repeat(100),
    'wrong/throws.js': `throw new Error('no way to postgres://app:${secret}@db/x')\n`,
    'wrong/syntax/1700000000009-step.ts': 'export class {{{',
    'wrong/name/1700000000009-step.ts': 'export class Step { async up() {} async down() {} }\n',
    'wrong/parent/1700000000009-step.ts': revision("static revision = 'aa'\n  static downRevision = 'bb'"),
    'wrong/template/revision.ts.template': 'nothing',
    'broken/package.json': '{',
    // The search for a DataSource ends here.
    'empty/package.json': '{}',
    'broken/data-source.ts': shop('sqlite')['data-source.ts']?.replaceAll('./entities', '../entities') ?? '',
    'shipped/aludel.config.json': '{ "shipped": true, "dialects": ["sqlite", "postgres"] }',
    'shipped/text.db': 'this is a text, and no database, '.repeat(100),
    ...Object.fromEntries(configs.map((text, index) => [`wrong/${String(index)}.json`, text])),
  })
  mkdirSync(path.join(directory, 'shipped/migrations'))
})
afterAll(() => removeDirectory(directory))

/** What is wrong with the end of a call; empty if nothing is. */
function problemsOf(ran: Ran, { codes }: Call, asJson: boolean): readonly string[] {
  const printed = ran.stdout + ran.stderr
  const problems: string[] = []
  if (printed.includes(secret)) problems.push('prints the password')
  if (/^\s+at .*:\d+:\d+\)?$/m.test(printed)) problems.push('prints a stack')
  const code = asJson ? codeInDocument(ran.stdout) : /^error: .* \[(ALUDEL_\w+)\]$/m.exec(ran.stderr)?.[1]
  if (!asJson && ran.stdout !== '') problems.push('prints on standard output')
  const known = codes.find((one) => one === code)
  if (known === undefined)
    return [...problems, `has the code ${String(code)}: exit ${String(ran.code)}, ${printed.slice(0, 200)}`]
  const exit = exitCodes[errorCodes[known]]
  return ran.code === exit ? problems : [...problems, `exits with ${String(ran.code)}, not ${String(exit)}`]
}

/** The code, if standard output is exactly one document. */
function codeInDocument(stdout: string): string | undefined {
  try {
    return (JSON.parse(stdout) as Partial<ErrorDocument>).error?.code
  } catch {
    return `(no document: ${stdout.slice(0, 100)})`
  }
}

type Runner = (args: readonly string[], options: { readonly cwd: string; readonly env?: Call['env'] }) => Promise<Ran>

async function failures(calls: readonly Call[], run: Runner, forms: readonly boolean[]): Promise<string[]> {
  const found: string[] = []
  for (const one of calls) {
    for (const asJson of forms) {
      const args = asJson ? withJson(one.args) : one.args
      const options = {
        cwd: path.join(directory, one.folder ?? ''),
        ...(one.env === undefined ? {} : { env: one.env }),
      }
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<'late'>((resolve) => (timer = setTimeout(resolve, limit, 'late')))
      const ran = await Promise.race([run(args, options), late])
      clearTimeout(timer)
      const problems = ran === 'late' ? ['did not end'] : problemsOf(ran, one, asJson)
      const line = args.map((arg) => (arg.length > 60 ? `${arg.slice(0, 20)}…` : JSON.stringify(arg))).join(' ')
      found.push(...problems.map((problem) => `${one.folder ?? ''}$ aludel ${line}: ${problem}`))
    }
  }
  return found
}

/** Before `--`, after which nothing is an option. */
function withJson(args: readonly string[]): readonly string[] {
  const end = args.indexOf('--')
  return end === -1 ? [...args, '--json'] : [...args.slice(0, end), '--json', ...args.slice(end)]
}

/** `npm test` tries every third call, `npm run test:all` all of them. */
const step = process.env['ALUDEL_TEST_SCOPE'] === 'all' ? 1 : 3

test.each(Object.entries(groups))(
  '%s: each has a code, its exit code, one document, no stack and no secret',
  async (_name, make) => {
    const calls = (await make()).filter((_, index) => index % step === 0)
    expect(calls.length).toBeGreaterThan(4)
    expect(await failures(calls, aludel, [true])).toEqual([])
    expect(
      await failures(
        calls.filter((_, index) => index % 7 === 0),
        aludel,
        [false],
      ),
    ).toEqual([])
  },
)

test('there are at least 300 calls', async () => {
  const counts = await Promise.all(Object.values(groups).map(async (make) => (await make()).length))
  expect(counts.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(300)
})

test('separate processes answer the same', async () => {
  const all = await Promise.all(Object.values(groups).map(async (make) => make()))
  const sample = all.map((calls) => calls[Math.floor(calls.length / 2)]).filter((one) => one !== undefined)
  expect(sample).toHaveLength(all.length)
  expect(await failures(sample, aludelProcess, [true, false])).toEqual([])
})
