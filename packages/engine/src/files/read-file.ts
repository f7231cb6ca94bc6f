import type * as oxc from 'oxc-parser' with { 'resolution-mode': 'import' }

import { AludelError } from '../errors'
import { isBranchLabel, isRevisionId } from '../revision/names'
import type { Replaced, Revision } from '../revision/revision'
import { docBefore } from './doc'
import { extractClasses, type ExportedClass } from './extract'
import { mistakeIn } from './helper-file'
import { type AnyExpression, isUndefined, literalOf, replacedOf } from './literals'
import { errorIn, parseSource } from './parse'
import { plainId, wordsOf } from './plain'

type Parser = typeof oxc

/** One file while it is read. */
export interface SourceFile {
  readonly path: string
  readonly text: string
  readonly checksum: string
}

/**
 * The revisions that one file exports; see {@link readRevisions} for the errors.
 *
 * @param parser `oxc-parser`
 */
export function revisionsOf(parser: Parser, source: SourceFile): readonly Revision[] {
  const { path: file, text } = source
  const { program, comments } = parse(parser, source)
  const migrations = extractClasses(program).filter(({ info }) => info.migration)
  if (migrations.length === 0) {
    const mistake = mistakeIn(program, file)
    if (mistake === undefined) return []
    throw new AludelError('ALUDEL_REVISION_INVALID', `${file} exports no migration class${mistake}`, {
      help: 'A revision is an exported class with the methods up(queryRunner) and down(queryRunner). Export it, or move what is not a revision to another directory.',
      details: { path: file },
    })
  }
  return migrations.map((migration) => toRevision(source, migration, docBefore(text, comments, migration.info.start)))
}

function parse(parser: Parser, source: SourceFile): ReturnType<typeof parseSource> {
  const whole = parseSource(parser, source.path, source.text)
  const error = errorIn(whole)
  if (error !== undefined) {
    const place = placeOf(source, error.labels[0]?.start ?? 0)
    throw new AludelError('ALUDEL_REVISION_SYNTAX', `${place} does not parse: ${error.message}`, {
      help: error.helpMessage ?? undefined,
      details: { path: source.path },
    })
  }
  const head = headOf(source)
  const result = head === undefined ? whole : parseSource(parser, source.path, head)
  return result.errors.length === 0 ? result : whole
}

/**
 * The file up to its first method `up`, if the rest declares nothing about the revision.
 *
 * Parsing is fast, but passing the tree to JavaScript takes several times as long, and nearly all of the tree is
 * the bodies of `up` and `down`. If the guess is wrong, the head does not parse and the whole tree is used.
 */
function headOf({ path: file, text }: SourceFile): string | undefined {
  const up = /\.[cm]?ts$/.test(file) ? text.search(/^ +(public )?async up\(/m) : -1
  if (up === -1) return undefined
  const rest = text.slice(up)
  const telling =
    /\b(?:static|class|exports?|constructor|get|set|accessor)\b|\.(?:revision|downRevision|branchLabels|dependsOn|replaces)\b|^\s*(?:(?:readonly|public|declare|override) )*['"[]*(?:name|transaction)\b/m
  return telling.test(rest) ? undefined : `${text.slice(0, up)}async up() {} }`
}

function toRevision(source: SourceFile, { exportName, info }: ExportedClass, doc: string | undefined): Revision {
  const fields = new Fields(source, info)
  const name = fields.name()
  const timestamp = timestampOf(source, info.start, name)
  const common = {
    name,
    exportName,
    timestamp,
    path: source.path,
    checksum: source.checksum,
    ...fields.transaction(),
    lines: fields.lines(),
  }
  const id = fields.text('revision')
  const down = fields.texts('downRevision')
  const branchLabels = fields.texts('branchLabels') ?? []
  const dependsOn = fields.texts('dependsOn') ?? []
  const replaces = fields.replaces()
  const message = doc ?? wordsOf(name)
  if (id === undefined) {
    for (const field of ['downRevision', 'branchLabels', 'dependsOn', 'replaces']) {
      if (fields.has(field)) throw fields.invalid(field, `has ${field} and no revision`)
    }
    return { ...common, id: plainId(name), down: [], dependsOn, branchLabels, message, plain: true }
  }
  if (down === undefined) {
    throw fields.invalid(
      'revision',
      'has a revision and no downRevision',
      'Write null for a base, an id, or several ids.',
    )
  }
  if (!isRevisionId(id)) throw fields.invalid('revision', `has the invalid id "${id}"`)
  const label = branchLabels.find((one) => !isBranchLabel(one))
  if (label !== undefined) throw fields.invalid('branchLabels', `has the invalid branch label "${label}"`)
  return { ...common, id, down, dependsOn, branchLabels, ...(replaces && { replaces }), message, plain: false }
}

/** Reads the fields of one class, and refuses invalid ones with their line. */
class Fields {
  constructor(
    readonly source: SourceFile,
    readonly info: ExportedClass['info'],
  ) {}

  has(field: string): boolean {
    const node = this.info.statics.get(field)
    return node !== undefined && !isUndefined(node)
  }

  /** TypeORM's name for the migration: its `name` property, else its class name. */
  name(): string {
    const node = this.info.instance.get('name')
    const name = node === undefined || isUndefined(node) ? this.info.name : literalOf(node)
    if (typeof name === 'string' && name !== '') return name
    throw this.invalid('name', node === undefined ? 'has no name' : 'has a name that is not a literal')
  }

  /** Line numbers for messages. */
  lines(): NonNullable<Revision['lines']> {
    const at = (node: AnyExpression | undefined): number | undefined =>
      node === undefined || node === null ? undefined : lineOf(this.source.text, node.start)
    const fields = ['revision', 'downRevision', 'branchLabels', 'dependsOn', 'replaces'] as const
    const found = fields.flatMap((field) => {
      const line = at(this.info.statics.get(field))
      return line === undefined ? [] : [[field, line] as const]
    })
    return { class: lineOf(this.source.text, this.info.start), ...Object.fromEntries(found) }
  }

  transaction(): { readonly transaction?: boolean } {
    const node = this.info.instance.get('transaction')
    if (node === undefined || isUndefined(node)) return {}
    const transaction = literalOf(node)
    if (typeof transaction === 'boolean') return { transaction }
    throw this.invalid('transaction', 'has a transaction that is neither true nor false')
  }

  text(field: string): string | undefined {
    if (!this.has(field)) return undefined
    const value = literalOf(this.info.statics.get(field) ?? null)
    if (typeof value === 'string') return value
    throw this.invalid(field, `has a ${field} that is not a literal string`)
  }

  texts(field: string): readonly string[] | undefined {
    if (!this.has(field)) return undefined
    const value = literalOf(this.info.statics.get(field) ?? null)
    if (value === null) return []
    if (typeof value === 'string') return [value]
    if (typeof value === 'object') return value
    throw this.invalid(field, `has a ${field} that is not a literal: a string, null, or an array of strings`)
  }

  replaces(): readonly Replaced[] | undefined {
    if (!this.has('replaces')) return undefined
    const found = replacedOf(this.info.statics.get('replaces') ?? null)
    if (found !== undefined) return found
    throw this.invalid(
      'replaces',
      'has a replaces that is not a literal object of ids and class names',
      "Write { 'a1b2c3d4e5f6': 'AddUsers1763750000000', … }. It is read without running the file.",
    )
  }

  invalid(field: string, problem: string, help?: string): AludelError {
    const node: AnyExpression | undefined = this.info.statics.get(field) ?? this.info.instance.get(field)
    const line = lineOf(this.source.text, node?.start ?? this.info.start)
    return new AludelError(
      'ALUDEL_REVISION_INVALID',
      `class ${this.info.name ?? 'without a name'} ${problem} (${this.source.path}:${line})`,
      {
        help: help ?? 'These fields are read without running the file, so their values must be written out.',
        details: { path: this.source.path, line, field },
      },
    )
  }
}

function timestampOf(source: SourceFile, start: number, name: string): number {
  const digits = /\d{13}$/.exec(name)?.[0]
  if (digits !== undefined) return Number(digits)
  throw new AludelError(
    'ALUDEL_REVISION_INVALID',
    `migration name ${name} does not end in a 13-digit timestamp (${source.path}:${lineOf(source.text, start)})`,
    {
      help: 'TypeORM orders migrations by it. Add milliseconds since 1970 to the class name, or to its name property.',
      details: { path: source.path, name },
    },
  )
}

function placeOf(source: SourceFile, offset: number): string {
  const before = source.text.slice(0, offset)
  return `${source.path}:${lineOf(source.text, offset)}:${offset - before.lastIndexOf('\n')}`
}

function lineOf(text: string, offset: number): number {
  let line = 1
  for (let end = text.indexOf('\n'); end !== -1 && end < offset; end = text.indexOf('\n', end + 1)) line++
  return line
}
