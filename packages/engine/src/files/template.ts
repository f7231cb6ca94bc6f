import { access, readFile } from 'node:fs/promises'
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'

import { AludelError, messageOf } from '../errors'
import type { Revision } from '../revision/revision'
import { extensions } from './language'
import { codeOf } from './place'
import { revisionsOf } from './read-file'
import { isReplaced, renderParts, renderRevisionFile, type RevisionFileSpec } from './render'
import { readStatements } from './statements'
import type { WrittenStatement } from './value-reader'

type Language = RevisionFileSpec['language']

/** Placeholders of a line of their own, in the order of the file, with the indentation of our own form. */
const blocks = { doc: '', fields: '  ', up: '    ', down: '    ' } as const
/** Placeholders within a line. */
const words = ['class', 'revision', 'date'] as const

type Block = keyof typeof blocks
type Word = (typeof words)[number]

const placeholder = /\{\{\s*(\w*)\s*\}\}/g

/** The form of new revision files, as the project has written it. */
export interface RevisionTemplate {
  /**
   * The text of a revision file.
   *
   * @throws ALUDEL_TEMPLATE it would declare or run something else than the file without the template
   */
  render(spec: RevisionFileSpec): Promise<string>
}

/** `revision.ts.template`: no tool takes it for a migration. */
export function templateName(language: Language): string {
  return `revision${extensions[language]}.template`
}

/** The extension (`ts`, `js` …) of the template in a directory; undefined if there is none. */
export async function templateExtension(directory: string): Promise<string | undefined> {
  for (const language of ['ts', 'js-esm', 'mjs', 'cjs'] as const) {
    const isThere = await access(path.join(directory, templateName(language))).then(
      () => true,
      () => false,
    )
    if (isThere) return extensions[language].slice(1)
  }
  return undefined
}

/**
 * The template of a revision directory, checked with a sample. Placeholders: `{{doc}}`, `{{fields}}`, `{{up}}` and `{{down}}`,
 * each on a line of its own, and `{{class}}` are required; `{{revision}}` and `{{date}}` may be used.
 *
 * @returns undefined if the directory has none for this language
 * @throws ALUDEL_TEMPLATE it cannot be read, lacks a placeholder, or gives a file that is not that revision
 * @example
 * const text = await (await readTemplate('src/migrations', 'ts'))?.render(spec)
 */
export async function readTemplate(directory: string, language: Language): Promise<RevisionTemplate | undefined> {
  const file = path.join(directory, templateName(language))
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT' || codeOf(cause) === 'ENOTDIR') return undefined
    throw templateError(file, `cannot be read: ${messageOf(cause)}`, { cause })
  }
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  refuseWrongPlaceholders(file, lines)
  const template: RevisionTemplate = {
    async render(spec) {
      const rendered = fill(lines, spec)
      await refuseOther(file, spec, rendered)
      return rendered
    },
  }
  await template.render(sample(language))
  return template
}

/** The template that {@link readTemplate} reads, in the tool's own form. */
export function defaultTemplate(language: Language): string {
  const typescript = language === 'ts'
  const commonjs = language === 'js-cjs' || language === 'cjs'
  const method = (name: 'up' | 'down'): string[] => [
    `  async ${name}(queryRunner${typescript ? ': QueryRunner' : ''})${typescript ? ': Promise<void>' : ''} {`,
    `    {{${name}}}`,
    '  }',
  ]
  return [
    ...(typescript ? ["import type { MigrationInterface, QueryRunner } from 'typeorm'", ''] : []),
    '{{doc}}',
    `${commonjs ? '' : 'export '}class {{class}}${typescript ? ' implements MigrationInterface' : ''} {`,
    '  {{fields}}',
    '',
    ...method('up'),
    '',
    ...method('down'),
    '}',
    ...(commonjs ? ['', 'module.exports = { {{class}} }'] : []),
    '',
  ].join('\n')
}

function refuseWrongPlaceholders(file: string, lines: readonly string[]): void {
  const problems: string[] = []
  const seen = new Map<string, number>()
  for (const [index, line] of lines.entries()) {
    for (const [whole, name = ''] of line.matchAll(placeholder)) {
      const at = `line ${String(index + 1)}`
      if (!(name in blocks) && !words.some((word) => word === name)) problems.push(`${at} has the unknown ${whole}`)
      if (name in blocks && line.trim() !== whole) problems.push(`${at} has more than ${whole}`)
      const before = seen.get(name)
      if (name in blocks && before !== undefined)
        problems.push(`${at} has {{${name}}} again, as line ${String(before)}`)
      seen.set(name, before ?? index + 1)
    }
  }
  const missing = [...Object.keys(blocks), 'class'].filter((name) => !seen.has(name))
  problems.unshift(...missing.map((name) => `it lacks {{${name}}}`))
  if (problems.length === 0) return
  throw templateError(file, problems.join('; '), { problems })
}

/** Replaces the placeholders. Inserted text is not searched for further ones. */
function fill(lines: readonly string[], spec: RevisionFileSpec): string {
  const parts = renderParts(spec)
  const content: Readonly<Record<Block, readonly string[]>> = {
    doc: parts.doc,
    // The method of a squash is a member like the fields.
    fields: [...parts.fields, ...isReplaced(spec, parts.name)],
    up: parts.up,
    down: parts.down,
  }
  const values: Readonly<Record<Word, string>> = {
    class: parts.name,
    revision: spec.id,
    date: new Date(spec.timestamp).toISOString().slice(0, 10),
  }
  return lines
    .flatMap((line) => {
      const block = (Object.keys(blocks) as Block[]).find((name) => line.trim().replace(/\s/g, '') === `{{${name}}}`)
      if (block === undefined) return [line.replace(placeholder, (_, name: string) => values[name as Word])]
      const own = blocks[block]
      const indent = /^\s*/.exec(line)?.[0] ?? ''
      // Only the first line of an entry is moved: the others may be inside a statement, whose text must stay.
      return content[block].map((entry) => (entry.startsWith(own) ? indent + entry.slice(own.length) : entry))
    })
    .join('\n')
}

/** Everything that the tools read from a revision file. */
interface Reading {
  readonly revisions: readonly Partial<Revision>[]
  /** By direction and type of database. */
  readonly statements: Readonly<Record<string, unknown>>
}

function withoutPlaces(found: { readonly statements: readonly WrittenStatement[] }): object {
  return { ...found, statements: found.statements.map((statement) => ({ ...statement, start: undefined })) }
}

async function read(file: string, text: string, spec: RevisionFileSpec): Promise<Reading> {
  // Imported here because loading the parser takes longer than all the rest.
  const parser = await import('oxc-parser')
  const revisions = revisionsOf(parser, { path: file, text, checksum: '' })
  const exportName = revisions[0]?.exportName ?? ''
  const drivers = Object.values(spec.driverTypes).flatMap(([driver]) => driver ?? [])
  const statements = (['upgrade', 'downgrade'] as const).flatMap((direction) =>
    drivers.map((driver) => {
      const found = readStatements(parser, file, text, exportName, direction, driver)
      return [`${direction} on ${driver}`, 'reason' in found ? found : withoutPlaces(found)] as const
    }),
  )
  return {
    // A template may put everything on other lines.
    revisions: revisions.map((revision) => ({ ...revision, lines: undefined })),
    statements: Object.fromEntries(statements),
  }
}

/** What was proved is what is written: the file must read as the one without a template does. */
async function refuseOther(template: string, spec: RevisionFileSpec, text: string): Promise<void> {
  const file = template.slice(0, -'.template'.length)
  const wanted = await read(file, renderRevisionFile(spec), spec)
  let found: Reading
  try {
    found = await read(file, text, spec)
  } catch (cause) {
    throw templateError(template, `gives a file that cannot be read: ${withLine(messageOf(cause), file, text)}`, {
      cause,
    })
  }
  const [revision] = found.revisions
  if (found.revisions.length !== 1 || revision === undefined)
    throw templateError(template, `gives a file with ${String(found.revisions.length)} migrations; it must have one`)
  const expected = wanted.revisions[0] ?? {}
  const field = [...Object.keys(expected), ...Object.keys(revision)].find(
    (key) => !isDeepStrictEqual(revision[key as keyof Revision], expected[key as keyof Revision]),
  ) as keyof Revision | undefined
  if (field !== undefined) {
    const [has, is] = [revision, expected].map((one) =>
      one[field] === undefined ? 'none' : JSON.stringify(one[field]),
    )
    throw templateError(
      template,
      `gives a revision with another ${field}: ${String(has)}, where it is ${String(is)}`,
      field === 'message' ? { help: 'Put {{doc}} directly before the class.' } : {},
    )
  }
  const run = Object.keys(wanted.statements).find(
    (name) => !sameStatements(wanted.statements[name], found.statements[name]),
  )
  if (run === undefined) return
  const reason = (found.statements[run] as { readonly reason?: string }).reason
  throw templateError(
    template,
    `changes what a revision runs (${run})${reason === undefined ? '' : `: of the written file, ${reason}`}`,
    {
      help: 'The methods up and down must run {{up}} and {{down}}, and nothing else: what was proved is what is written.',
    },
  )
}

/** A squash asks the database first, so neither side can be read: then only the reason is compared, without its line. */
function sameStatements(wanted: unknown, found: unknown): boolean {
  const bare = (value: unknown): unknown =>
    typeof value === 'object' && value !== null && 'reason' in value
      ? String(value.reason).replace(/^line \d+ /, '')
      : value
  return isDeepStrictEqual(bare(wanted), bare(found))
}

/** A message of the reader with the text of the line that it names, since the file is not written. */
function withLine(message: string, file: string, text: string): string {
  const line = new RegExp(`${file.replace(/[^\w]/g, '\\$&')}:(\\d+)`).exec(message)?.[1]
  const shown = line === undefined ? undefined : text.split('\n')[Number(line) - 1]?.trim()
  const short = message.replaceAll(file, 'the file')
  return shown === undefined || shown === '' ? short : `${short}, at \`${shown.slice(0, 100)}\``
}

/** A revision that has all that a file may contain, so that a template that loses something is refused at once. */
function sample(language: Language): RevisionFileSpec {
  const body = { up: [{ sql: 'SELECT 1' }], down: [{ sql: 'SELECT 2' }] }
  return {
    id: '0123456789ab',
    timestamp: 1_763_750_000_000,
    // Not what would be made of the name of its class.
    message: 'sample: of a template',
    downRevision: ['ba9876543210'],
    branchLabels: ['sample'],
    dependsOn: ['a0b0c0d0e0f0'],
    language,
    body: { sqlite: body },
    driverTypes: { sqlite: ['better-sqlite3'] },
  }
}

function templateError(
  file: string,
  problem: string,
  { help, cause, problems = [problem] }: { help?: string; cause?: unknown; problems?: readonly string[] } = {},
): AludelError {
  return new AludelError('ALUDEL_TEMPLATE', `${file}: ${problem}`, {
    help: [
      help ??
        'It needs {{doc}}, {{fields}}, {{up}} and {{down}}, each on a line of its own, and {{class}}; {{revision}} and {{date}} are optional.',
      'Delete it to have the form of the tool; `aludel migrate init` writes it again. No revision was written.',
    ].join('\n'),
    details: { path: file, problems },
    cause,
  })
}
