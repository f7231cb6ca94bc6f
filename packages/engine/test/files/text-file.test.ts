import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { createModuleLoader } from '../../src/files/load'
import { readRevisions } from '../../src/files/read'
import { decodeText } from '../../src/files/text-file'
import { loadConfig } from '../../src/project/config'
import { openProject } from '../migrator/project'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'aludel-text-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

const source = (city: string): string => `export class Add1763750000000 {
  async up(queryRunner) { await queryRunner.query("INSERT INTO places VALUES ('${city}')") }
  async down(queryRunner) { await queryRunner.query('DELETE FROM places') }
}
`
const write = async (name: string, bytes: Buffer): Promise<string> => {
  const file = path.join(directory, name)
  await writeFile(file, bytes)
  return file
}
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')
/** The character at which the text is not UTF-8 if it is saved as Latin-1. */
const error = (file: string, line: number, offset: number) => ({
  code: 'ALUDEL_ENCODING',
  message: `${file} is not UTF-8: byte 0xFC at offset ${String(offset)}, in line ${String(line)}`,
  help: expect.stringContaining('that byte is "ü": iconv -f ISO-8859-1 -t UTF-8') as string,
  details: { path: file, offset, line, byte: 0xfc },
})

describe('decodeText', () => {
  test('keeps every text that is UTF-8, with its byte order mark', () => {
    for (const text of ['', 'a', 'Zürich', '\uFEFFa', '日本', '🜁', '\uFFFD', 'ab\0c'])
      expect(decodeText(Buffer.from(text), 'a.ts')).toBe(text)
  })

  test.each([
    ['a byte of Latin-1', Buffer.concat([Buffer.from('é\n日🜁'), latin1('ü')]), 10, 2],
    ['a character that the end cuts off', Buffer.from('ab€').subarray(0, 4), 2, 1],
    ['a lone continuation', Buffer.from([0x61, 0x80]), 1, 1],
    ['an encoded surrogate', Buffer.from([0x0a, 0xed, 0xa0, 0x80]), 1, 2],
    ['an overlong form', Buffer.from([0xc0, 0xaf]), 0, 1],
  ])('refuses %s, and names its place', (_, bytes, offset, line) => {
    expect(() => decodeText(bytes, 'a.ts')).toThrow(
      expect.objectContaining({
        code: 'ALUDEL_ENCODING',
        details: { path: 'a.ts', offset, line, byte: bytes[offset] },
      }),
    )
  })

  test.each([
    ['with a mark', Buffer.from('\uFEFFclass', 'utf16le')],
    ['big endian, with a mark', Buffer.from('\uFEFFclass', 'utf16le').swap16()],
    ['without a mark', Buffer.from('class', 'utf16le')],
    ['big endian, without a mark', Buffer.from('class', 'utf16le').swap16()],
  ])('recognizes UTF-16 %s', (_, bytes) => {
    expect(() => decodeText(bytes, 'a.ts')).toThrow(
      expect.objectContaining({ code: 'ALUDEL_ENCODING', message: 'a.ts is UTF-16, and must be UTF-8' }),
    )
  })
})

test('a revision in Latin-1 is refused where it is listed, and where it is loaded', async () => {
  for (const name of ['1763750000000-add.ts', '1763750000000-add.mjs']) {
    const file = await write(name, latin1(source('Zürich')))
    const place = error(file, 2, latin1(source('Zürich')).indexOf(0xfc))
    await expect(readRevisions([directory])).rejects.toMatchObject(place)
    await expect(createModuleLoader()(file)).rejects.toMatchObject(place)
    await rm(file)
  }
})

test('a revision with a byte order mark is read and runs', async () => {
  const project = await openProject('sqlite')
  try {
    await project.database.rows('CREATE TABLE places (name text)')
    for (const [at, extension] of ['ts', 'mjs'].entries())
      await project.write({
        [`176375000000${String(at)}-add.${extension}`]: `\uFEFF${source('Zürich').replace('0000000', `000000${String(at)}`)}`,
      })
    await project.migrator([]).upgrade()
    expect(await project.database.rows('SELECT name FROM places')).toEqual([{ name: 'Zürich' }, { name: 'Zürich' }])
  } finally {
    await project.remove()
  }
})

test('an imported entity in Latin-1 is refused by name', async () => {
  const file = await write('city.ts', latin1(`export const city = 'Zürich'\n`))
  const main = await write('main.ts', Buffer.from(`import { city } from './city'\nexport const name: string = city\n`))
  await expect(createModuleLoader()(main)).rejects.toMatchObject(error(file, 1, 22))
})

test('a configuration may have a byte order mark, and must be UTF-8', async () => {
  const text = '{ "revisions": "./migratiöns" }'
  const file = await write('aludel.config.json', Buffer.from(`\uFEFF${text}`))
  expect((await loadConfig(directory, undefined, createModuleLoader()))?.config.revisions).toEqual('./migratiöns')
  await writeFile(file, latin1(text))
  await expect(loadConfig(directory, undefined, createModuleLoader())).rejects.toMatchObject({
    code: 'ALUDEL_ENCODING',
    details: { path: file, line: 1 },
  })
})
