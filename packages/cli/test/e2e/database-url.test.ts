import { aludel, makeDirectory, removeDirectory, shippedConfig } from './harness'
import { shop } from './shop'

/** Nothing listens at port 1. */
const nowhere = '127.0.0.1:1'

/** Each form contains the password as people write it: not encoded, in the wrong place, in the notation of another tool. */
const forms: readonly ((password: string) => string)[] = [
  (password) => `postgres://app:${password}@${nowhere}/d`,
  (password) => `postgres://app:${password}@${nowhere}/d?sslmode=maybe`,
  (password) => `postgres://app:${password}@${nowhere}`,
  (password) => `postgres://app:${password}@h:port/d`,
  (password) => `postgres://app:${password}@a,b/d`,
  // With an "@", these would be URLs whose host is the rest.
  (password) => `postgres://app:${password.replace('@', '')}`,
  (password) => `postgres://app:${password.replace('@', '')}/d`,
  (password) => `postgres://app:1/${password}@${nowhere}/d`,
  (password) => `postgres://app:1?${password}@${nowhere}/d`,
  (password) => `postgres://app:1#${password}@${nowhere}/d`,
  (password) => `postgres://app:1?x=${password}@${nowhere}/d`,
  (password) => `postgres://${nowhere}/d?user=app&password=${password}`,
  (password) => `postgres://${nowhere}/d?user=app&password=${password}&schema=x`,
  (password) => `postgres:///d?host=127.0.0.1&port=1&password=1&${password}`,
  (password) => `postgres//app:${password}@${nowhere}/d`,
  (password) => `postgres:/app:${password}@${nowhere}/d`,
  (password) => `postgres:app:${password}@${nowhere}/d`,
  (password) => `//app:${password}@${nowhere}/d`,
  (password) => `app:${password}@${nowhere}/d`,
  (password) => `host=h user=app password=${password} dbname=d`,
  (password) => `password='${password}' host=h dbname=d`,
  (password) => `Server=h;User Id=app;Password=${password};Database=d`,
  (password) => `jdbc:postgresql://h/d?user=app&password=${password}`,
  (password) => `mysql://app:${password}@h/d`,
  (password) => `sqlite://app:${password}@h/x.db`,
  (password) => `sqlite:app:${password}@h/x.db`,
  (password) => `sqlite:///x.db?password=${password}`,
]

/** What may be between the two halves of a password. */
const separators = ['', '@', '/', '?', '#', ':', '%', '%zz', '&', ' ', '=', ',', ';', '[', '"', "'", '\\', '\n']

/** Neither half of the password may be printed. */
const halves = /s3c|r3t/

let directory: string
beforeAll(() => {
  const files = shop('postgres')
  const byUrl =
    files['data-source.ts']?.replace("host: 'nowhere.invalid'", "url: process.env['DATABASE_URL'] ?? ''") ?? ''
  directory = makeDirectory({ ...files, ...shippedConfig, 'by-url.ts': byUrl })
})
afterAll(() => removeDirectory(directory))

/** Runs a command that needs the database, and returns all that it prints about the malformed URL. */
async function printed(args: readonly string[], url = 'sqlite:///x.db'): Promise<string> {
  const ran = await aludel(['migrate', 'current', '--revisions', 'migrations', ...args], {
    cwd: directory,
    env: { DATABASE_URL: url, USER: 'app' },
  })
  expect({ args, url, code: ran.code }).not.toMatchObject({ code: 0 })
  return ran.stdout + ran.stderr
}

describe.each(forms.map((form) => [form('PASSWORD'), form] as const))(
  'no output shows the password of %s',
  (_, form) => {
    test('as --database-url, with every special character in it', async () => {
      for (const separator of separators) {
        const url = form(`s3c${separator}r3t`)
        // The document, the stack and the stacks of the causes.
        expect(await printed(['--database-url', url, '--json', '--verbose'])).not.toMatch(halves)
      }
    })

    test.each<[string, (url: string) => Promise<string>]>([
      ['as DATABASE_URL', (url) => printed([], url)],
      ['as the url of a DataSource', (url) => printed(['--data-source', 'by-url.ts', '--json', '--verbose'], url)],
      ['as an argument, because --database-url was forgotten', (url) => printed([url])],
    ])('%s', async (__, run) => {
      for (const separator of ['', '@', '/', ' ']) {
        expect(await run(form(`s3c${separator}r3t`))).not.toMatch(halves)
      }
    })
  },
)
