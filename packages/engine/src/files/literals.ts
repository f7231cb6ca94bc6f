import type {
  Argument,
  ArrayExpressionElement,
  ArrowFunctionExpression,
  AssignmentTarget,
  Directive,
  Expression,
  Function as FunctionNode,
  ModuleExportName,
  PropertyKey as KeyNode,
  Statement,
  Super,
} from 'oxc-parser' with { 'resolution-mode': 'import' }

import type { Replaced } from '../revision/revision'

/** What a static field of a revision may hold. */
export type Literal = string | boolean | null | readonly string[]

/** Any expression, including those for which the parser has separate types. */
export type AnyExpression = Expression | Argument | ArrayExpressionElement | AssignmentTarget | Super

/** The expression inside parentheses, `as const`, `satisfies` and the like. */
export function bare(node: AnyExpression): AnyExpression {
  let inner: AnyExpression = node
  for (;;) {
    switch (inner?.type) {
      case 'ParenthesizedExpression':
      case 'TSAsExpression':
      case 'TSSatisfiesExpression':
      case 'TSNonNullExpression':
      case 'TSTypeAssertion':
        inner = inner.expression
        break
      default:
        return inner
    }
  }
}

/** The value of a literal; undefined for an expression that must be evaluated. */
export function literalOf(node: AnyExpression): Literal | undefined {
  const inner = bare(node)
  switch (inner?.type) {
    case 'Literal':
      return typeof inner.value === 'string' || typeof inner.value === 'boolean' || isNull(inner)
        ? inner.value
        : undefined
    case 'TemplateLiteral':
      return inner.expressions.length === 0 ? (inner.quasis[0]?.value.cooked ?? undefined) : undefined
    case 'UnaryExpression': {
      // How minifiers write true and false.
      const operand = inner.operator === '!' ? bare(inner.argument) : null
      return operand?.type === 'Literal' && typeof operand.value === 'number' ? operand.value === 0 : undefined
    }
    case 'ArrayExpression': {
      const values = inner.elements.map(literalOf)
      return values.every((value) => typeof value === 'string') ? values : undefined
    }
    default:
      return undefined
  }
}

function isNull(node: { readonly value: unknown; readonly raw: string | null }): node is { value: null; raw: 'null' } {
  return node.value === null && node.raw === 'null'
}

/**
 * Reads `replaces`, for example `{ 'a1b2…': 'AddUsers1763750000000' }`; undefined for an expression that must be
 * evaluated. The value of a revision that was a squash itself is `{ name, replaces }`.
 */
export function replacedOf(node: AnyExpression): readonly Replaced[] | undefined {
  const inner = bare(node)
  if (inner?.type !== 'ObjectExpression') return undefined
  const found = inner.properties.map((property): Replaced | undefined => {
    if (property.type === 'SpreadElement') return undefined
    const id = keyOf(property.key, property.computed) ?? numberKey(property.key)
    if (id === undefined) return undefined
    const value: AnyExpression = property.value
    const name = literalOf(value)
    if (typeof name === 'string') return { id, name }
    const parts = bare(value)
    if (parts?.type !== 'ObjectExpression') return undefined
    const part = (wanted: string): AnyExpression | undefined =>
      parts.properties.flatMap((one) =>
        one.type !== 'SpreadElement' && keyOf(one.key, one.computed) === wanted ? [one.value] : [],
      )[0]
    const own = literalOf(part('name') ?? null)
    const replaces = replacedOf(part('replaces') ?? null)
    return typeof own === 'string' && replaces !== undefined ? { id, name: own, replaces } : undefined
  })
  return found.length > 0 && found.every((one) => one !== undefined) ? found : undefined
}

/** An id that consists of digits and was unquoted by a formatter. */
function numberKey(node: KeyNode): string | undefined {
  return node.type === 'Literal' && typeof node.value === 'number' ? String(node.value) : undefined
}

/** True for `undefined` and `void 0`: the value of a field that is only declared. */
export function isUndefined(node: AnyExpression): boolean {
  const inner = bare(node)
  return (
    (inner?.type === 'Identifier' && inner.name === 'undefined') ||
    (inner?.type === 'UnaryExpression' && inner.operator === 'void')
  )
}

/** The name of an identifier; undefined for anything else. */
export function identifierOf(node: AnyExpression): string | undefined {
  const inner = bare(node)
  return inner?.type === 'Identifier' ? inner.name : undefined
}

/** `X.name` and `X['name']` taken apart. */
export function memberOf(node: AnyExpression): { object: AnyExpression; name: string } | undefined {
  const inner = bare(node)
  if (inner?.type !== 'MemberExpression' || inner.property.type === 'PrivateIdentifier') return undefined
  const name = inner.computed ? literalOf(inner.property) : identifierOf(inner.property)
  return typeof name === 'string' ? { object: inner.object, name } : undefined
}

/** The name of a property or method; undefined if it is computed or private. */
export function keyOf(node: KeyNode, computed: boolean): string | undefined {
  if (node.type === 'PrivateIdentifier') return undefined
  if (!computed && node.type === 'Identifier') return node.name
  const value = literalOf(node)
  return typeof value === 'string' ? value : undefined
}

/** The name under which something is exported or imported. */
export function exportNameOf(node: ModuleExportName): string {
  return node.type === 'Literal' ? node.value : node.name
}

/** The statements of a function with a body in braces. */
export function statementsOf(node: FunctionNode | ArrowFunctionExpression): readonly (Directive | Statement)[] {
  return node.body?.type === 'BlockStatement' ? node.body.body : []
}

/** The expression that a function returns, if it does nothing else. */
export function returnedBy(node: FunctionNode | ArrowFunctionExpression): AnyExpression {
  if (node.type === 'ArrowFunctionExpression' && node.body.type !== 'BlockStatement') return node.body
  const [only, more] = statementsOf(node).filter((statement) => !('directive' in statement))
  return only?.type === 'ReturnStatement' && more === undefined ? only.argument : null
}
