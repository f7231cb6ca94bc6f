import path from 'node:path'

import type * as oxc from 'oxc-parser' with { 'resolution-mode': 'import' }

import { AludelError } from '../errors'
import type { Revision } from '../revision/revision'
import { extractClasses } from './extract'
import { literalOf } from './literals'
import { parseSource } from './parse'

/** The new place of a revision in the graph. */
export interface NewPlace {
  readonly revision: Revision
  readonly down: readonly string[]
  /** Milliseconds since the epoch, 13 digits. */
  readonly timestamp: number
}

/** A replacement of a part of a text. */
interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** Any node of the tree. */
interface AnyNode {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly name?: unknown
}

/**
 * The text of a revision file with other parents and another timestamp; the rest stays unchanged.
 *
 * @param text of the file that contains all of the revisions
 * @throws AludelError `ALUDEL_REVISION_INVALID` when the parents in the file are not a literal
 */
export async function rewritePlaces(text: string, places: readonly NewPlace[]): Promise<string> {
  const parser: typeof oxc = await import('oxc-parser')
  const file = places[0]?.revision.path ?? ''
  const { program } = parseSource(parser, file, text)
  const classes = extractClasses(program)
  const edits: Edit[] = []
  for (const { revision, down, timestamp } of places) {
    const found = classes.find(({ exportName }) => exportName === revision.exportName)
    const parents = found?.info.statics.get('downRevision')
    if (found === undefined || parents == null || literalOf(parents) === undefined) {
      throw new AludelError('ALUDEL_REVISION_INVALID', `revision ${revision.id} does not declare its own parents`, {
        help: `Give it static fields revision and downRevision (${revision.path}).`,
        details: { revision: revision.id, path: revision.path },
      })
    }
    edits.push({ start: parents.start, end: parents.end, text: parentsLiteral(down) })
    if (timestamp === revision.timestamp) continue
    const { name } = found.info
    const written = found.info.instance.get('name')
    // TypeORM prefers the property.
    if (written != null && literalOf(written) !== undefined) {
      edits.push({ start: written.start, end: written.end, text: `'${restamped(revision.name, timestamp)}'` })
    }
    if (name !== undefined && /\d{13}$/.test(name)) {
      for (const node of identifiers(program, name))
        edits.push({ start: node.start, end: node.end, text: restamped(name, timestamp) })
    }
  }
  return applyEdits(text, edits)
}

/** A class name with another timestamp. */
export function restamped(name: string, timestamp: number): string {
  return name.replace(/\d{13}(?=$)/, String(timestamp))
}

/** The path of a revision with another timestamp; unchanged when the file name does not start with one. */
export function restampedPath(revision: Revision, timestamp: number): string {
  const { dir, base } = path.parse(revision.path)
  return path.join(dir, base.replace(new RegExp(`^${String(revision.timestamp)}(?!\\d)`), String(timestamp)))
}

function parentsLiteral(down: readonly string[]): string {
  const quoted = down.map((id) => `'${id}'`)
  if (quoted.length === 0) return 'null'
  return quoted.length === 1 ? (quoted[0] ?? 'null') : `[${quoted.join(', ')}]`
}

/** All uses of a class name: its declaration, its export, and the statements by which compilers set its fields. */
function identifiers(root: AnyNode, name: string): AnyNode[] {
  const found: AnyNode[] = []
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(visit)
    if (!isNode(value)) return
    if (value.type === 'Identifier' && value.name === name) found.push(value)
    for (const child of Object.values(value)) if (typeof child === 'object') visit(child)
  }
  visit(root)
  return found
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value
}

function applyEdits(text: string, edits: readonly Edit[]): string {
  const unique = new Map(edits.map((edit) => [edit.start, edit]))
  return [...unique.values()]
    .sort((a, b) => b.start - a.start)
    .reduce(
      (current, { start, end, text: replacement }) => current.slice(0, start) + replacement + current.slice(end),
      text,
    )
}
