import type { OperationJson } from '@aludel/engine'

import type { Colors } from './output'

/**
 * One line per operation: `+ add column workflows.priority integer`. An operation that is not for all dialects names its
 * own.
 */
export function operationLines(operations: readonly OperationJson[], colors: Colors): string[] {
  const dialects = new Set(operations.flatMap((operation) => operation.dialects)).size
  return operations.map((operation) => lineOf(operation, operation.description, dialects, colors))
}

/**
 * One line per operation, grouped by table; operations without a table are first.
 *
 * @param text of an operation. Default: its description.
 */
export function groupedLines<O extends OperationJson>(
  operations: readonly O[],
  colors: Colors,
  text: (operation: O) => string = ({ description }) => description,
): string[] {
  const groups = new Map<string, O[]>()
  for (const operation of [...operations].sort(
    (a, b) => Number(a.table !== undefined) - Number(b.table !== undefined),
  )) {
    const table = operation.table ?? ''
    groups.set(table, [...(groups.get(table) ?? []), operation])
  }
  const dialects = new Set(operations.flatMap((operation) => operation.dialects)).size
  return [...groups].flatMap(([table, list]) => [
    ...(table === '' ? [] : [`  ${colors.bold(table)}`]),
    ...list.map((operation) => `${table === '' ? '' : '  '}${lineOf(operation, text(operation), dialects, colors)}`),
  ])
}

function lineOf(operation: OperationJson, text: string, dialects: number, colors: Colors): string {
  const only = operation.dialects.length < dialects ? colors.dim(` [${operation.dialects.join(', ')}]`) : ''
  return `  ${sign(operation, colors)} ${text}${only}`
}

function sign({ op, destroys }: OperationJson, colors: Colors): string {
  if (destroys) return colors.red('-')
  if (op.startsWith('drop')) return colors.yellow('-')
  return op.startsWith('create') || op.startsWith('add') ? colors.green('+') : colors.yellow('~')
}
