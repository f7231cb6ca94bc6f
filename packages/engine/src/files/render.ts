import type { DialectName } from '../dialect/registry'
import type { Statement } from '../dialect/roles/ddl'
import type { Replaced } from '../revision/revision'

import { escapeDoc, oneLine } from './doc'
import type { RecordedEffects } from './recorded-effects'
import { renderEffects } from './render-effects'
import { renderIsReplaced, renderReplaces } from './render-replaces'
import { classNameFor } from './names'
import { escapeTemplate, quote } from './quote'

/** The statements of a revision in one dialect. */
export interface RevisionBody {
  readonly up: readonly Statement[]
  readonly down: readonly Statement[]
  /** The effects of these statements; see {@link RecordedEffects}. */
  readonly effects?: { readonly up: RecordedEffects; readonly down: RecordedEffects }
}

/** Everything that a new revision file contains. */
export interface RevisionFileSpec {
  readonly id: string
  /** Milliseconds since the epoch, 13 digits. */
  readonly timestamp: number
  /** One line; line breaks become spaces. */
  readonly message: string
  /** Must end in the timestamp. Default: derived from the message. */
  readonly className?: string
  /** Parents; none: a base, several: a merge. */
  readonly downRevision: readonly string[]
  readonly branchLabels: readonly string[]
  /** Ids or labels. */
  readonly dependsOn: readonly string[]
  /** See `Revision.replaces`. */
  readonly replaces?: readonly Replaced[]
  /** False for a revision that must run outside a transaction. */
  readonly transaction?: false
  /** `mjs` and `cjs` equal `js-esm` and `js-cjs`, with that extension. */
  readonly language: 'ts' | 'js-esm' | 'js-cjs' | 'mjs' | 'cjs'
  /** Lines for the doc comment, below the message: what changes, what is lost, what was answered. */
  readonly header?: readonly string[]
  /** Statements by dialect; null for a merge, and for a revision to be written by hand. */
  readonly body: Readonly<Partial<Record<DialectName, RevisionBody>>> | null
  /** Values of TypeORM's `type` option, by dialect. */
  readonly driverTypes: Readonly<Record<string, readonly string[]>>
}

type Method = 'up' | 'down'

/** Longer comments and lists are wrapped. */
const lineLength = 120

/**
 * The text of a revision file. It imports only types, passes `tsc --strict` with TypeORM 0.3 and 1.x, and runs exactly the
 * given statements. Their line breaks stay: databases store the text of views, triggers and checks, so other indentation
 * would differ from the proved schema.
 */
export function renderRevisionFile(spec: RevisionFileSpec): string {
  const typescript = spec.language === 'ts'
  const commonjs = spec.language === 'js-cjs' || spec.language === 'cjs'
  const { name, doc, fields, up, down } = renderParts(spec)
  const methods = [renderMethod(spec, 'up', up), renderMethod(spec, 'down', down)]
  const types = ['MigrationInterface', ...(methods.some(({ usesRunner }) => usesRunner) ? ['QueryRunner'] : [])]
  return [
    ...(typescript ? [`import type { ${types.join(', ')} } from 'typeorm'`, ''] : []),
    ...doc,
    `${commonjs ? '' : 'export '}class ${name}${typescript ? ' implements MigrationInterface' : ''} {`,
    ...fields,
    ...methods.flatMap(({ lines }) => ['', ...lines]),
    ...isReplaced(spec, name),
    '}',
    ...(commonjs ? ['', `module.exports = { ${name} }`] : []),
    '',
  ].join('\n')
}

/** The parts of a revision file that a template places: blocks of lines, indented as in a file of the tool's own form. */
export interface RevisionParts {
  readonly name: string
  readonly doc: readonly string[]
  /** Static fields and `transaction`. */
  readonly fields: readonly string[]
  /** The statements of the methods. */
  readonly up: readonly string[]
  readonly down: readonly string[]
}

export function renderParts(spec: RevisionFileSpec): RevisionParts {
  const typescript = spec.language === 'ts'
  const field = typescript ? 'static readonly' : 'static'
  return {
    name: spec.className ?? classNameFor(spec.message, spec.timestamp),
    doc: renderDoc(spec),
    fields: [
      ...assignment(`  ${field} revision`, quote(spec.id)),
      ...assignment(
        `  ${field} downRevision`,
        spec.downRevision.length > 1 ? spec.downRevision : quoteOne(spec.downRevision),
      ),
      ...(spec.branchLabels.length > 0 ? assignment(`  ${field} branchLabels`, spec.branchLabels) : []),
      ...(spec.dependsOn.length > 0 ? assignment(`  ${field} dependsOn`, spec.dependsOn) : []),
      ...(spec.replaces === undefined ? [] : renderReplaces(`  ${field} replaces`, spec.replaces)),
      ...renderEffects(`  ${field} effects`, spec.body),
      ...(spec.transaction === false ? [`  ${typescript ? 'readonly ' : ''}transaction = false`] : []),
    ],
    up: methodBody(spec, 'up'),
    down: methodBody(spec, 'down'),
  }
}

/** The method of a squash that its `up` and `down` ask first, after an empty line. */
export function isReplaced(spec: RevisionFileSpec, name: string): readonly string[] {
  return spec.replaces === undefined ? [] : ['', ...renderIsReplaced(name, spec.replaces, spec.language === 'ts')]
}

/** The doc comment; its first line is the message of the revision. */
function renderDoc(spec: RevisionFileSpec): readonly string[] {
  const message = escapeDoc(oneLine(spec.message)) || 'revision'
  const header = (spec.header ?? []).map((line) => escapeDoc(oneLine(line)))
  if (header.length === 0) return [`/** ${message} */`]
  return ['/**', ` * ${message}`, ' *', ...header.map((line) => ` * ${line}`.trimEnd()), ' */']
}

/** `name = value`, over several lines where an array is too long for one; without a semicolon. */
function assignment(start: string, value: string | readonly string[]): readonly string[] {
  if (typeof value === 'string') return [`${start} = ${value}`]
  const inline = `${start} = [${value.map(quote).join(', ')}]`
  if (inline.length <= lineLength) return [inline]
  return [`${start} = [`, ...value.map((item) => `    ${quote(item)},`), '  ]']
}

function quoteOne(values: readonly string[]): string {
  return values[0] === undefined ? 'null' : quote(values[0])
}

/** Whether the body is to be written by hand. */
function isOpen(spec: RevisionFileSpec): boolean {
  return spec.body === null && spec.downRevision.length < 2
}

function methodBody(spec: RevisionFileSpec, method: Method): readonly string[] {
  if (isOpen(spec)) return ["    // await queryRunner.query('…')"]
  const guard = spec.replaces === undefined ? [] : ['    if (await this.isReplaced(queryRunner)) return']
  return [...guard, ...renderBody(spec, method)]
}

function renderMethod(
  spec: RevisionFileSpec,
  method: Method,
  body: readonly string[],
): { readonly lines: readonly string[]; readonly usesRunner: boolean } {
  const usesRunner = body.length > 0
  const typescript = spec.language === 'ts'
  const parameter = usesRunner ? `queryRunner${typescript ? ': QueryRunner' : ''}` : ''
  const head = `  async ${method}(${parameter})${typescript ? ': Promise<void>' : ''} {`
  return { lines: usesRunner ? [head, ...body, '  }'] : [`${head}}`], usesRunner }
}

function renderBody(spec: RevisionFileSpec, method: Method): readonly string[] {
  const bodies = Object.entries(spec.body ?? {})
  const [only] = bodies
  if (only === undefined || bodies.every(([, body]) => body[method].length === 0)) return []
  if (bodies.length === 1) return renderStatements(only[1][method], '    ')
  const type = 'queryRunner.connection.options.type'
  return [
    // TypeORM 1.x has fewer driver types than 0.3: without the cast, some cases would not compile with it.
    `    switch (${type}${spec.language === 'ts' ? ' as string' : ''}) {`,
    ...bodies.flatMap(([dialect, body]) => [
      ...(spec.driverTypes[dialect] ?? [dialect]).map((driver) => `      case ${quote(driver)}:`),
      ...renderStatements(body[method], '        '),
      '        break',
    ]),
    '      default:',
    `        throw new Error(\`revision ${escapeTemplate(spec.id)} has no statements for \${${type}}\`)`,
    '    }',
  ]
}

function renderStatements(statements: readonly Statement[], indent: string): readonly string[] {
  return statements.flatMap(({ sql, comment }) => [
    ...(comment === undefined || oneLine(comment) === '' ? [] : commentLines(oneLine(comment), indent)),
    `${indent}await queryRunner.query(\`${escapeTemplate(sql)}\`)`,
  ])
}

/** A comment, wrapped; continued lines are indented. */
function commentLines(comment: string, indent: string): readonly string[] {
  return wrap(comment, lineLength - indent.length - 5).map((line, at) => `${indent}//${at === 0 ? ' ' : '   '}${line}`)
}

/** Lines of at most `length` characters, broken after commas, or at spaces if a part has too few commas. */
function wrap(text: string, length: number): readonly string[] {
  const lines: string[] = []
  const parts = text.split(/(?<=,) /).flatMap((part) => (part.length <= length ? [part] : part.split(' ')))
  for (const word of parts) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= length) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
