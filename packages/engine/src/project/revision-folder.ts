import { writeFile } from 'node:fs/promises'
import path from 'node:path'

import { languageOf } from '../files/language'
import { codeOf } from '../files/place'
import { defaultTemplate, templateName } from '../files/template'

/**
 * Writes a README and an editable template into a revision directory, unless it has them. They also make Git store the
 * directory while it has no revisions.
 *
 * @param extension of new revisions, without the dot
 * @returns the names that were written
 */
export async function furnish(directory: string, extension: string): Promise<readonly string[]> {
  const language = await languageOf(extension, directory)
  const template = templateName(language)
  const texts = { 'README.md': readme(template), [template]: defaultTemplate(language) }
  const written: string[] = []
  for (const [name, text] of Object.entries(texts)) {
    try {
      await writeFile(path.join(directory, name), text, { flag: 'wx' })
      written.push(name)
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
    }
  }
  return written
}

function readme(template: string): string {
  return `# Revisions

Each file is one step of the database's schema: a TypeORM migration with an id (\`revision\`) and its parents (\`downRevision\`).

- \`npx aludel migrate create "what changed"\` writes the next one from the entities; \`upgrade\` runs what is pending.
- \`npx aludel migrate test head --create\` writes a test beside the newest one: rows before, rows after. \`migrate test\` runs them.
- Commit these files. To change one that any database has applied, write another one.
- Two heads after a merge of branches: \`npx aludel migrate merge heads\`.
- \`${template}\` is the form of new files. Edit it, but keep \`{{doc}}\`, \`{{class}}\`, \`{{fields}}\`, \`{{up}}\` and \`{{down}}\`.
`
}
