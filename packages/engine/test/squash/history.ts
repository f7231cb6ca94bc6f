import { rename, rm } from 'node:fs/promises'
import path from 'node:path'

import { Migrator } from '../../src/migrator'
import { postgresUrl, type TestDatabase } from '../run/databases'
import type { TestProject } from '../migrator/project'

/** Moves the files of revisions away. Returns a function that moves them back. */
export async function takeAway(project: TestProject, ids: readonly string[]): Promise<() => Promise<void>> {
  const taken: (readonly [string, string])[] = []
  for (const [name, content] of Object.entries(await project.files())) {
    if (!ids.some((id) => content.includes(`revision = '${id}'`))) continue
    const file = path.join(project.revisions, name)
    const aside = path.join(project.directory, name)
    await rename(file, aside)
    taken.push([aside, file])
  }
  return async () => {
    for (const [aside, file] of taken) await rename(aside, file)
  }
}

/** Deletes the files of revisions. */
export async function deleteFiles(project: TestProject, ids: readonly string[]): Promise<void> {
  for (const [name, content] of Object.entries(await project.files()))
    if (ids.some((id) => content.includes(`revision = '${id}'`))) await rm(path.join(project.revisions, name))
}

/**
 * Caches the steps of histories that several tests share. A step on the same files runs once; for further projects, the files
 * that it wrote are written again. So the name must identify the step.
 */
export class Steps {
  readonly #taken = new Map<string, { readonly result: unknown; readonly files: Readonly<Record<string, string>> }>()

  async take<T>(project: TestProject, name: string, step: () => Promise<T>): Promise<T> {
    const before = await project.files()
    const key = [...Object.keys(before), name].join('\n')
    const known = this.#taken.get(key)
    if (known !== undefined) {
      await project.write(known.files)
      return known.result as T
    }
    const result = await step()
    const after = Object.entries(await project.files())
    this.#taken.set(key, { result, files: Object.fromEntries(after.filter(([file]) => before[file] === undefined)) })
    return result
  }
}

/** A database that the revisions of a project are applied to. */
export interface OneDatabase {
  readonly database: TestDatabase
  readonly migrator: () => Migrator
  rows(table: string): Promise<unknown[]>
  /** Returns the class names in its history. */
  names(): Promise<string[]>
  close(): Promise<void>
}

/** All migrators of a database share its connection; each rereads the files of the project. */
export function migrated(project: TestProject, database: TestDatabase): OneDatabase {
  const open: Migrator[] = []
  return {
    database,
    migrator: () => {
      const migrator = new Migrator({
        dataSource: database.dataSource,
        revisions: project.revisions,
        root: project.directory,
        shadow: { postgres: postgresUrl() },
        actor: 'test@host',
      })
      open.push(migrator)
      return migrator
    },
    rows: (table) => database.rows(`SELECT * FROM "${table}" ORDER BY 1`),
    names: async () => (await database.rows('SELECT name FROM migrations ORDER BY id')).map(({ name }) => String(name)),
    close: async () => {
      for (const migrator of open) await migrator.close()
    },
  }
}
