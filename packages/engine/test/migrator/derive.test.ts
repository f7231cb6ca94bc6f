import { openProject, type TestProject } from './project'

/** A revision whose files differ in their ids alone, so that they have the same size. */
function revision(number: number): Record<string, string> {
  const [id, timestamp] = [String(number).padStart(12, '0'), String(1_763_750_000_000 + number)]
  const down = number === 1 ? 'null' : `'${String(number - 1).padStart(12, '0')}'`
  return {
    [`${timestamp}-r.ts`]: `export class R${timestamp} {
  static readonly revision = '${id}'
  static readonly downRevision = ${down}
  async up() {}
  async down() {}
}
`,
  }
}

describe('a derived migrator', () => {
  let project: TestProject

  beforeEach(async () => {
    project = await openProject('sqlite')
    await project.write(revision(1))
  })
  afterEach(() => project.remove())

  const heads = async (migrator: { heads(): Promise<{ heads: readonly { revision: string }[] }> }): Promise<string[]> =>
    (await migrator.heads()).heads.map(({ revision: id }) => id)

  test('has the options of its own, and the others of the first', async () => {
    const events: string[] = []
    const first = project.migrator([], { actor: 'first@host' })
    const derived = first.derive({ actor: 'second@host', onEvent: ({ type }) => events.push(type) })
    await derived.upgrade()
    expect(events).toContain('stepDone')
    expect((await first.journal()).runs).toMatchObject([{ actor: 'second@host' }])
    await derived.close()
    expect(await heads(first)).toEqual(['000000000001'])
  })

  test('sees files that were added, removed or changed since, which the first does not', async () => {
    const first = project.migrator([])
    expect(await heads(first.derive({}))).toEqual(['000000000001'])
    expect(await heads(first)).toEqual(['000000000001'])
    await project.write(revision(2))
    expect(await heads(first.derive({}))).toEqual(['000000000002'])
    const [name = '', text = ''] = Object.entries(revision(2))[0] ?? []
    await project.write({ [name]: text.replaceAll('000000000002', '000000000009') })
    expect(await heads(first.derive({}))).toEqual(['000000000009'])
    expect(await heads(first)).toEqual(['000000000001'])
  })

  test('reports a file that is wrong until it is mended', async () => {
    const first = project.migrator([])
    const [name = '', text = ''] = Object.entries(revision(2))[0] ?? []
    await project.write({ [name]: text.replace('{', '{ (') })
    await expect(heads(first.derive({}))).rejects.toMatchObject({ code: 'ALUDEL_REVISION_SYNTAX' })
    await project.write({ [name]: text })
    expect(await heads(first.derive({}))).toEqual(['000000000002'])
  })
})
