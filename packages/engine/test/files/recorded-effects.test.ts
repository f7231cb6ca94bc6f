import { writeFile } from 'node:fs/promises'
import path from 'node:path'

import { writtenStatements } from '../../src/execution/written'
import { recordedChecksum } from '../../src/files/checksum'
import { readRevisions } from '../../src/files/read'
import { recordEffects } from '../../src/files/recorded-effects'
import { renderRevisionFile, type RevisionFileSpec } from '../../src/files/write'
import { dialectOf } from '../run/databases'
import { folder, removeFolders } from '../../../../tools/testing/folders'

afterAll(removeFolders)

const statements = ['ALTER TABLE "metrics" DROP COLUMN "value"', 'DROP TABLE "odd `${name}`"']
const effects = {
  destroys: [
    { text: 'values of metrics.value', table: 'metrics' },
    { text: 'all rows of odd `${name}`', table: 'odd `${name}`' },
    { text: 'whatever an extension has' },
  ],
  locks: [
    { level: 'ACCESS EXCLUSIVE', table: 'metrics' },
    { level: 'SHARE ROW EXCLUSIVE', table: 'share' },
    { level: 'SHARE', table: 'ix', isIndex: true },
  ],
  rewrites: ['metrics'],
} as const
const needs = ['no row of metrics has a NULL in value']

async function written(language: RevisionFileSpec['language'], text: (file: string) => string = (file) => file) {
  const spec: RevisionFileSpec = {
    id: '3f9c1b7a2d40',
    timestamp: 1_763_750_000_000,
    message: 'drop values',
    downRevision: [],
    branchLabels: [],
    dependsOn: [],
    language,
    body: {
      postgres: {
        up: statements.map((sql) => ({ sql })),
        down: [],
        effects: { up: recordEffects(statements, effects, needs), down: recordEffects([], noEffects, []) },
      },
    },
    driverTypes: { postgres: ['postgres'] },
  }
  const directory = await folder()
  const file = path.join(directory, `1763750000000-drop-values.${language === 'ts' ? 'ts' : 'js'}`)
  await writeFile(file, text(renderRevisionFile(spec)))
  const [revision] = (await readRevisions([directory])).revisions
  if (revision === undefined) throw new Error('no revision')
  return { revision, read: await writtenStatements(revision, 'upgrade', dialectOf('postgres'), 'postgres') }
}

const noEffects = { destroys: [], locks: [], rewrites: [] }

test.each(['ts', 'js-esm', 'js-cjs'] as const)(
  'readRevisions reads recorded effects unchanged from a %s file',
  async (language) => {
    const { read } = await written(language)
    expect(read).toMatchObject({ statements, effects: { ...effects, needs } })
  },
)

test('recorded effects are ignored if a statement was edited', async () => {
  const { read } = await written('ts', (file) => file.replace('DROP COLUMN "value"', 'DROP COLUMN "other"'))
  expect(read).toMatchObject({ statements: [expect.stringContaining('"other"'), statements[1]], effects: undefined })
})

test('recorded effects are ignored if they contain an unknown lock', async () => {
  const { read } = await written('ts', (file) => file.replace("'SHARE index ix'", "'SOME lock'"))
  expect(read).toMatchObject({ statements, effects: undefined })
})

test('recorded effects that are not a literal are ignored, and the statements are still read', async () => {
  const { read } = await written('js-cjs', (file) =>
    file.replace('static effects = {', 'static effects = compute() ?? {'),
  )
  expect(read).toMatchObject({ statements, effects: undefined })
})

test('recorded effects are not part of the checksum of the code', async () => {
  const [one, other] = [
    await written('ts'),
    await written('ts', (file) => file.replace("rewrites: ['metrics']", 'rewrites: []')),
  ]
  const half = async ({ revision }: typeof one) => (await recordedChecksum(revision)).slice(32)
  expect(other.revision.checksum).not.toBe(one.revision.checksum)
  expect(await half(other)).toBe(await half(one))
})
