import type { OperationJson } from '@aludel/engine'

import type { Colors } from './output'

/**
 * One line an operation: `+ add column workflows.priority integer`.
 *
 * @param dialects how many dialects the project has; an operation that is not for all of them says for which it is
 */
export function operationLines(operations: readonly OperationJson[], colors: Colors): string[] {
  const dialects = new Set(operations.flatMap((operation) => operation.dialects)).size
  return operations.map((operation) => {
    const only = operation.dialects.length < dialects ? colors.dim(` [${operation.dialects.join(', ')}]`) : ''
    return `  ${sign(operation, colors)} ${operation.description}${only}`
  })
}

function sign({ op, destroys }: OperationJson, colors: Colors): string {
  if (destroys || op.startsWith('drop')) return colors.red('-')
  return op.startsWith('create') || op.startsWith('add') ? colors.green('+') : colors.yellow('~')
}
