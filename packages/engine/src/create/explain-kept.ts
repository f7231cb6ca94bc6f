import { AludelError } from '../errors'
import { mentionsName } from '../schema/expressions'
import type { Operation } from '../operations/operation'
import type { DialectDiff } from './diff'
import { type ChangedPart, changedParts, isStatementOf, type KeptObject, keptObjects, reads } from './kept-objects'

/**
 * The error for a proof that failed because of an unmanaged object that is to be kept: the database refuses to create it
 * again after the change, or refuses the change because of it. Undefined for any other cause.
 *
 * @param operations those of the direction that failed
 */
export function explainKept(
  error: AludelError<'ALUDEL_PROOF'>,
  diff: DialectDiff,
  operations: readonly Operation[],
): AludelError<'ALUDEL_CANNOT_KEEP'> | undefined {
  const { statement } = error.details
  if (statement === undefined) return undefined
  const { dialect, kept, from, to } = diff
  const isKept = kept ?? (() => false)
  const objects = [...keptObjects(from, isKept), ...keptObjects(to, isKept)]
  const changes = changedParts(operations)

  const own = objects.filter((object) => isStatementOf(statement, object))
  // The parts of a table first: its name is in the statements of all of them.
  const named = own.find(({ kind }) => kind !== 'table') ?? own[0]
  if (named !== undefined) return cannotKeep(error, diff, [named], reasons([named], changes))
  if (!dialect.errors.isDependency(error.cause)) return undefined
  const touched = changes.filter((change) => isAbout(statement, change))
  const blocking = objects.filter((object) => touched.some((change) => reads(object, change)))
  if (blocking.length > 0) {
    // A message in any language contains the names.
    const text = dialect.errors.textOf(error.cause)
    const mentioned = blocking.filter(({ name }) => mentionsName(text, name))
    const guilty = mentioned.length > 0 ? mentioned : blocking
    return cannotKeep(error, diff, guilty, reasons(guilty, touched))
  }
  // Neither a revision nor an entity has it in a form that is compared: a rule, a publication, a composite type.
  return dialect.errors.isDependency(error.cause) === 'named'
    ? cannotKeep(
        error,
        diff,
        [],
        touched.map(({ words }) => words),
      )
    : undefined
}

/** True if the statement makes this change. */
function isAbout(statement: string, { relation, column, type }: ChangedPart): boolean {
  if (type !== undefined) return mentionsName(statement, type.name) || statement.includes(`${type.name}_old`)
  return (
    relation !== undefined &&
    mentionsName(statement, relation.name) &&
    (column === undefined || mentionsName(statement, column))
  )
}

function reasons(objects: readonly KeptObject[], changes: readonly ChangedPart[]): string[] {
  return changes.filter((change) => objects.some((object) => reads(object, change))).map(({ words }) => words)
}

function cannotKeep(
  error: AludelError<'ALUDEL_PROOF'>,
  { dialect }: DialectDiff,
  objects: readonly KeptObject[],
  uses: readonly string[],
): AludelError<'ALUDEL_CANNOT_KEEP'> {
  const { direction, statement } = error.details
  // Before and after the change, an object may have another text.
  const patterns = [...new Set(objects.map(({ pattern }) => pattern))]
  // The hint of the server, CASCADE, would drop the object silently.
  const [words = ''] = dialect.errors.textOf(error.cause).split('; HINT: ')
  const where = `on ${dialect.name}${direction === 'down' ? ' in the downgrade' : ''}`
  const what = patterns.length === 0 ? 'an object that no entity describes' : patterns.join(', ')
  return new AludelError('ALUDEL_CANNOT_KEEP', `${what} cannot be kept ${where}: ${words}`, {
    help: [
      ...(uses.length === 0 ? [] : [`It uses ${[...new Set(uses)].join(', and ')}.`]),
      ...(statement === undefined ? [] : [`Statement: ${statement}`]),
      'Change or drop it first, in a revision written by hand: aludel migrate create "…" --no-autogenerate',
      ...(patterns.length === 0
        ? []
        : [
            `Or let this revision drop it: ${patterns.map((pattern) => `--drop '${pattern}'`).join(' ')}, without its --keep and without its pattern in \`unmanaged\` of the configuration.`,
          ]),
      'Nothing was written.',
    ].join('\n'),
    details: { dialect: dialect.name, direction, statement, unmanaged: patterns },
    cause: error,
  })
}
