// Runs the program of the GitHub Action in a project, with a server in place of GitHub.
import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { parse } from 'yaml'
import { wordsOf } from '../action/commands.mjs'
import { marker, report } from '../action/report.mjs'
import { linkModules } from '../lib/modules.mjs'
import { root } from '../lib/process.mjs'

const main = join(root, 'tools', 'action', 'main.mjs')
const aludel = join(root, 'packages', 'cli', 'bin', 'aludel.js')

/** The API of GitHub, as far as the action needs it: files and comments of pull request 7. */
class Hub {
  /** @type {{ filename: string, status: string }[]} */
  files = []
  /** @type {{ id: number, body: string }[]} */
  comments = []
  /** @type {string[]} */
  requests = []
  /** Answers every write as it does for the token of a fork. */
  readOnly = false

  constructor() {
    this.server = createServer((request, response) => {
      let text = ''
      request.on('data', (data) => (text += data))
      request.on('end', () => {
        const { status, body } = this.#answer(request, text === '' ? {} : JSON.parse(text))
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      })
    })
  }

  async listen() {
    await new Promise((resolve) => this.server.listen(0, '127.0.0.1', () => resolve(undefined)))
    const { port } = /** @type {import('node:net').AddressInfo} */ (this.server.address())
    return `http://127.0.0.1:${port}`
  }

  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {any} sent
   * @returns {{ status: number, body: unknown }}
   */
  #answer({ method = '', url = '', headers }, sent) {
    const { pathname, searchParams } = new URL(url, 'http://hub')
    const path = pathname.replace('/repos/acme/shop', '')
    this.requests.push(`${method} ${path}`)
    if (headers.authorization !== 'Bearer the-token') return { status: 401, body: { message: 'Bad credentials' } }
    const page = Number(searchParams.get('page') ?? 1)
    const part = (/** @type {unknown[]} */ all) => ({ status: 200, body: all.slice((page - 1) * 100, page * 100) })
    if (method === 'GET' && path === '/pulls/7/files') return part(this.files)
    if (method === 'GET' && path === '/issues/7/comments') return part(this.comments)
    if (this.readOnly) return { status: 403, body: { message: 'Resource not accessible by integration' } }
    if (method === 'POST' && path === '/issues/7/comments') {
      this.comments.push({ id: 1000 + this.comments.length, body: sent.body })
      return { status: 201, body: {} }
    }
    const comment = this.comments.find(({ id }) => method === 'PATCH' && path === `/issues/comments/${id}`)
    if (comment === undefined) return { status: 404, body: { message: 'Not Found' } }
    comment.body = sent.body
    return { status: 200, body: comment }
  }
}

describe('the action', () => {
  /** @type {Hub} */
  let hub
  let api = ''
  let folder = ''
  before(async () => {
    hub = new Hub()
    api = await hub.listen()
  })
  after(() => hub.server.close())
  beforeEach(async () => {
    Object.assign(hub, { files: [], comments: [], requests: [], readOnly: false })
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'aludel-action-')))
    linkModules(folder, root)
    write({
      'package.json': '{ "name": "shop" }',
      'event.json': '{ "pull_request": { "number": 7 } }',
      'aludel.config.json': '{ "dataSource": "data-source.js", "revisions": "migrations" }',
      'data-source.js': `const { DataSource, EntitySchema } = require('typeorm')
const columns = { id: { type: 'int', primary: true }, ...require('./columns.json') }
const Note = new EntitySchema({ name: 'Note', tableName: 'notes', columns })
module.exports = new DataSource({ type: 'better-sqlite3', database: 'app.db', entities: [Note] })
`,
      'columns.json': '{}',
    })
    await run([aludel, 'migrate', 'create', 'notes', '--rev-id', 'aaaaaaaaaaaa'])
  })
  /** @param {Record<string, string>} files */
  const write = (files) => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), text)
    }
  }
  /**
   * @param {string[]} args
   * @param {Record<string, string>} [env]
   * @returns {Promise<{ code: number, output: string }>}
   */
  const run = (args, env = {}) =>
    new Promise((resolve) => {
      const all = { PATH: process.env['PATH'] ?? '', HOME: folder, ...env }
      execFile(process.execPath, args, { cwd: folder, env: all }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr })
      })
    })
  /** Runs the action with these inputs. @param {Record<string, string>} [inputs] */
  const act = async (inputs = {}) => {
    write({ 'output.txt': '', 'summary.md': '' })
    const { code, output } = await run([main], {
      ALUDEL_COMMAND: `'${process.execPath}' '${aludel}'`,
      ...{ GITHUB_API_URL: api, GITHUB_REPOSITORY: 'acme/shop', GITHUB_TOKEN: 'the-token', RUNNER_TEMP: folder },
      ...{ GITHUB_EVENT_PATH: join(folder, 'event.json'), GITHUB_OUTPUT: join(folder, 'output.txt') },
      ...{ GITHUB_STEP_SUMMARY: join(folder, 'summary.md'), ...inputs },
    })
    const read = (/** @type {string} */ name) => readFileSync(join(folder, name), 'utf8')
    return { code, output, summary: read('summary.md'), outputs: read('output.txt') }
  }
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  test('comments with the plan of the revisions of the pull request, and replaces its comment', async () => {
    hub.comments = Array.from({ length: 120 }, (_, id) => ({ id, body: 'something else' }))
    hub.files = [{ filename: 'migrations/x.ts', status: 'added' }]
    const first = await act()
    assert.equal(first.code, 0, first.output)
    assert.match(first.outputs, /^clean=true\nreport=.+report\.md\n$/)
    assert.match(first.summary, /^<!-- aludel migrations -->\n## Migrations\n/)
    assert.equal(hub.comments.length, 121)
    assert.match(hub.comments[120]?.body ?? '', /No new revisions\.\n\n1 more is pending on this database/)

    const path = JSON.parse((await run([aludel, 'migrate', 'heads', '--json'])).output).heads[0].path
    hub.files = [{ filename: path.slice(folder.length + 1), status: 'added' }]
    await act()
    assert.equal(hub.comments.length, 121)
    const comment = hub.comments[120]?.body ?? ''
    assert.match(comment, /### 1 new revision\n\n\*\*`aaaaaaaaaaaa`\*\* notes\n\n- does: create table notes\n/)
    assert.match(comment, /```sql\nCREATE TABLE "notes"/)
    assert.match(comment, /\| `aludel migrate check` \| ✅ passed \|/)

    hub.requests = []
    await act()
    assert.deepEqual(
      hub.requests.filter((request) => !request.startsWith('GET')),
      [],
    )
  })

  test('fails when an entity changed without a revision, and shows what is missing', async () => {
    write({ 'columns.json': '{ "title": { "type": "varchar", "nullable": true } }' })
    const { code, outputs } = await act()
    assert.equal(code, 1)
    assert.match(outputs, /^clean=false\n/)
    const [comment] = hub.comments
    assert.match(comment?.body ?? '', /`aludel migrate check` \| ❌ not clean/)
    assert.match(comment?.body ?? '', /notes\.title|column title|add column/)
  })

  test('fails when there are two heads', async () => {
    await run([aludel, 'migrate', 'create', 'one', '--no-autogenerate', '--rev-id', 'bbbbbbbbbbbb'])
    await run([aludel, 'migrate', 'create', 'two', '--no-autogenerate', '--head', 'aaaaaaaaaaaa', '--splice'])
    const { code, summary } = await act({ ALUDEL_CHECKS: 'heads' })
    assert.equal(code, 1)
    assert.match(summary, /`aludel migrate check --heads` \| ❌ not clean/)
    assert.doesNotMatch(summary, /`aludel migrate check` /)
  })

  test('lints what the pull request adds, and marks the lines; everything where the clone lacks its base', async () => {
    const git = (/** @type {string[]} */ ...args) =>
      execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@example.com', ...args], {
        cwd: folder,
        encoding: 'utf8',
        env: { PATH: process.env['PATH'] ?? '', HOME: folder },
      }).trim()
    const dropping = (/** @type {string} */ name, /** @type {string} */ id, /** @type {string} */ parent) =>
      `exports.${name} = class ${name} {
  static revision = '${id}'
  static downRevision = '${parent}'
  async up(queryRunner) {
    await queryRunner.query('DROP TABLE "${name}"')
  }
  async down(queryRunner) {
    await queryRunner.query('CREATE TABLE "${name}" ("id" integer)')
  }
}
`
    write({ 'migrations/1963750000008-old.js': dropping('Old1963750000008', 'bbbbbbbbbbbb', 'aaaaaaaaaaaa') })
    git('init', '-b', 'main')
    git('add', 'migrations')
    git('commit', '-m', 'one')
    const sha = git('rev-parse', 'HEAD')
    write({ 'migrations/1963750000009-new.js': dropping('New1963750000009', 'cccccccccccc', 'bbbbbbbbbbbb') })
    const event = (/** @type {string} */ base) =>
      write({ 'event.json': JSON.stringify({ pull_request: { number: 7, base: { sha: base } } }) })

    event(sha)
    const part = await act({ ALUDEL_CHECKS: 'lint' })
    assert.equal(part.code, 1)
    assert.match(part.summary, /`aludel migrate lint --since [0-9a-f]{40}` \| ❌ not clean/)
    const marked = part.output.split('\n').filter((line) => line.startsWith('::error file='))
    assert.equal(marked.length, 1, part.output)
    assert.match(marked[0] ?? '', /^::error file=migrations\/1963750000009-new\.js,line=5,title=drop-table::/)

    event('0123456789012345678901234567890123456789')
    const whole = await act({ ALUDEL_CHECKS: 'lint' })
    assert.match(whole.summary, /`aludel migrate lint` \| ❌ not clean/)
    assert.equal(whole.output.split('\n').filter((line) => line.startsWith('::error file=')).length, 2)
  })

  test('goes on where the token may not write, and says so', async () => {
    hub.readOnly = true
    const { code, output, summary } = await act()
    assert.equal(code, 0)
    assert.match(output, /^::warning title=Aludel::POST .* 403 .*Resource not accessible/m)
    assert.match(summary, /## Migrations/)
  })

  test('gives the code of the project no token, and takes no commands from it', async () => {
    write({
      'data-source.js': `process.stderr.write('\\n::set-env name=X::' + (process.env.GITHUB_TOKEN || 'no token') + '\\n')
throw new Error('broken')`,
    })
    const { code, output } = await act()
    assert.equal(code, 1)
    const [, pause = '', inside = ''] = /^::stop-commands::(\w+)\n([^]*)\n::\1::$/m.exec(output) ?? []
    assert.ok(pause.length >= 32)
    assert.match(inside, /::set-env name=X::no token/)
    assert.doesNotMatch(output.replace(inside, ''), /set-env/)
    assert.doesNotMatch(output, /the-token/)
  })

  test('shows that there is no plan without a database, and fails if one is required', async () => {
    const inputs = { ALUDEL_CHECKS: 'heads', ALUDEL_ARGS: '--database-url postgres://nobody@127.0.0.1:1/none' }
    const { code, summary } = await act(inputs)
    assert.equal(code, 0)
    assert.match(summary, /^No plan: nothing listens at 127\.0\.0\.1:1$/m)
    assert.equal((await act({ ...inputs, ALUDEL_PLAN: 'true' })).code, 1)
  })

  test('does nothing with comments outside a pull request', async () => {
    write({ 'event.json': '{ "ref": "refs/heads/main" }' })
    const { code, summary } = await act()
    assert.equal(code, 0)
    assert.deepEqual([hub.requests, hub.comments], [[], []])
    assert.match(summary, /### 1 new revision/)
  })
})

describe('the report', () => {
  const step = {
    ...{ revision: 'aaaaaaaaaaaa', message: 'drop <b>all</b>', transactional: false, does: ['drop column users.name'] },
    ...{ destroys: ['values of users.name'], unknown: [], locks: ['ACCESS EXCLUSIVE users'], rewrites: [] },
  }

  test('names losses and locks, and quotes what a message says', () => {
    const text = report({ checks: [], plan: { steps: [{ ...step, sql: ['SELECT 1'] }] }, changed: undefined })
    assert.match(text, /drop &#60;b&#62;all&#60;\/b&#62; _\(outside a transaction\)_/)
    assert.match(text, /- ⚠️ \*\*loses\*\*: values of users\.name\n- locks: ACCESS EXCLUSIVE users\n/)
  })

  test('has a fence that its text does not end', () => {
    const text = report({
      checks: [{ name: 'x', outcome: 'failed', output: 'a\n```\nb' }],
      plan: undefined,
      changed: [],
    })
    assert.match(text, /\n````text\na\n```\nb\n````\n/)
  })

  test('fits into a comment', () => {
    const long = report({ checks: [], plan: { steps: [{ ...step, sql: ['x'.repeat(70_000)] }] }, changed: undefined })
    assert.ok(long.length < 65_536)
    assert.match(long, /drop column users\.name[^]*too long for a comment/)
    const steps = Array.from({ length: 2000 }, () => ({ ...step, sql: ['SELECT 1'] }))
    const many = report({ checks: [], plan: { steps }, changed: undefined })
    assert.ok(many.length < 65_536 && many.startsWith(marker))
  })
})

test('words are split as a shell does it', () => {
  assert.deepEqual(wordsOf(`npx  aludel --config 'my project/a.ts' --x="a b"`), [
    ...['npx', 'aludel', '--config', 'my project/a.ts', '--x=a b'],
  ])
})

test('action.yml passes every input on, and runs a file that exists', () => {
  const { inputs, outputs, runs } = parse(readFileSync(join(root, 'action.yml'), 'utf8'))
  const text = JSON.stringify(runs)
  for (const name of Object.keys(inputs)) assert.ok(text.includes(`inputs.${name} }}`), name)
  const [step] = runs.steps
  const script = /"\$GITHUB_ACTION_PATH\/(.+)"/.exec(step.run)?.[1] ?? ''
  assert.equal(join(root, script), main)
  const source = readFileSync(main, 'utf8')
  for (const name of Object.keys(step.env)) assert.ok(source.includes(`'${name}'`), `${name} is not read`)
  for (const name of Object.keys(outputs)) assert.ok(source.includes(`${name}=`), `${name} is not written`)
})
