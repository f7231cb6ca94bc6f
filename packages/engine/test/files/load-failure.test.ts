import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { createModuleLoader } from '../../src/files/load'
import { loadFailure } from '../../src/files/load-failure'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'aludel-failure-'))
})

afterEach(() => rm(directory, { recursive: true, force: true }))

/** The failure of `a.ts`, which imports `b.ts`; `$a` and `$b` stand for their paths. */
async function failureOf(a: string, b = 'export default 1'): Promise<string> {
  const files = { $a: path.join(directory, 'a.ts'), $b: path.join(directory, 'b.ts') }
  await writeFile(files.$a, a)
  await writeFile(files.$b, b)
  const error: unknown = await createModuleLoader()(files.$a).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  return loadFailure(files.$a, error).replaceAll(files.$a, '$a').replaceAll(files.$b, '$b')
}

const importing = `import b from './b'\nexport const a = b`

describe('loadFailure', () => {
  test('names the line of a syntax error once', async () => {
    expect(await failureOf('export const a = 1\nconst x = ;')).toBe('$a:2:1 does not load: Expression expected')
  })

  test('names the line in an imported file', async () => {
    expect(await failureOf(importing, 'const x = ;')).toBe('$a does not load: Expression expected ($b:1:1)')
  })

  test('names the imported file that throws', async () => {
    expect(await failureOf(importing, `throw new Error('boom')`)).toBe('$a does not load: boom ($b)')
    expect(await failureOf(`throw new Error('boom')`)).toBe('$a does not load: boom')
  })

  test.each([
    ['b.ts', ' ($b)'],
    ['a.ts', ''],
  ])('names the file that imports what is missing, as Node reports it: %s', async (importer, named) => {
    await failureOf(importing)
    const [a, b] = ['a.ts', importer].map((name) => path.join(directory, name))
    const missing = Object.assign(new Error(`Cannot find module 'none'\nRequire stack:\n- ${b!}`), { stack: undefined })
    expect(loadFailure(a!, missing)).toBe(`${a!} does not load: Cannot find module 'none'${named.replace('$b', b!)}`)
  })
})
