import { mkdtemp, writeFile } from 'node:fs/promises'
import path from 'node:path'

import { DataSource, type DataSourceOptions } from 'typeorm'

import { Migrator } from '../../src/migrator'
import type { MigratorOptions } from '../../src/project/options'

/** A revision that creates two tables, named by its letter. */
export interface LetterRevision {
  /** One letter. */
  readonly letter: string
  /** The letter of its parent; absent: a base. */
  readonly parent?: string
  readonly label?: string
  /** Further lines of the class. */
  readonly more?: string
  /** Statements before those of `up`. */
  readonly before?: string
}

/** `a <- b`, and `a <- c`, a branch with the label `reports`. */
export const letters = {
  a: { letter: 'a' },
  b: { letter: 'b', parent: 'a' },
  c: { letter: 'c', parent: 'a', label: 'reports' },
} as const satisfies Record<string, LetterRevision>

/** The id of a revision. */
export const idOf = (letter: string): string => letter.repeat(12)

/** Its name in the history. */
export const nameOf = (letter: string): string => `Make${letter.toUpperCase()}${timestampOf(letter)}`

const timestampOf = (letter: string): string => String(1_763_750_000_000 + letter.charCodeAt(0))

function textOf({ letter, parent, label, more = '', before = '' }: LetterRevision): string {
  const name = nameOf(letter)
  const send = (sql: string): string => `await queryRunner.query(${JSON.stringify(sql)})`
  const [first, second] = [letter, `${letter}2`]
  return [
    `exports.${name} = class ${name} {`,
    `  static revision = '${idOf(letter)}'`,
    `  static downRevision = ${parent === undefined ? 'null' : `'${idOf(parent)}'`}`,
    ...(label === undefined ? [] : [`  static branchLabels = ['${label}']`]),
    ...(more === '' ? [] : [`  ${more}`]),
    '  async up(queryRunner) {',
    ...(before === '' ? [] : [`    ${before}`]),
    `    ${send(`CREATE TABLE "${first}" ("n" integer)`)}`,
    `    ${send(`CREATE TABLE "${second}" ("n" integer)`)}`,
    '  }',
    '  async down(queryRunner) {',
    `    ${send(`DROP TABLE "${second}"`)}`,
    `    ${send(`DROP TABLE "${first}"`)}`,
    '  }',
    '}\n',
  ].join('\n')
}

/** Writes the files of a release into a new directory below `folder`, and returns it. */
export async function writeRelease(folder: string, files: readonly LetterRevision[]): Promise<string> {
  const directory = await mkdtemp(path.join(folder, 'release-'))
  for (const file of files)
    await writeFile(path.join(directory, `${timestampOf(file.letter)}-${file.letter}.js`), textOf(file))
  return directory
}

/** Creates migrators of releases, all of which are closed together. */
export class Releases {
  readonly #open: Migrator[] = []

  /** @param folder for their files */
  constructor(private readonly folder: string) {}

  /** A migrator of a release with these files, on a database. */
  async of(
    files: readonly LetterRevision[],
    connection: DataSourceOptions | DataSource,
    options: Partial<MigratorOptions> = {},
  ): Promise<Migrator> {
    const migrator = new Migrator({
      dataSource: 'isInitialized' in connection ? connection : new DataSource(connection),
      revisions: await writeRelease(this.folder, files),
      root: this.folder,
      cacheDirectory: null,
      ...options,
    })
    this.#open.push(migrator)
    return migrator
  }

  async close(): Promise<void> {
    for (const migrator of this.#open.splice(0)) await migrator.close()
  }
}
