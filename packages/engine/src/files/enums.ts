import { type AnyNode, canonical, isNode, keyOf, type Naming, unwrapped } from './canonical'

/**
 * The members of an enum and their values in canonical form, read from a TypeScript declaration or from the function to
 * which compilers turn it.
 *
 * @returns undefined for anything but an enum
 */
export function enumMembers(
  name: string,
  node: AnyNode | undefined,
  naming: Naming,
): ReadonlyMap<string, string> | undefined {
  if (node === undefined) return undefined
  return node.type === 'TSEnumDeclaration' ? declared(node, naming) : filled(name, node, naming)
}

function declared(node: AnyNode, naming: Naming): ReadonlyMap<string, string> {
  const body = node['body']
  const found = new Map<string, string>()
  let next = 0
  for (const member of nodes(isNode(body) ? body['members'] : node['members'])) {
    const key = keyOf({ type: 'Property', key: member['id'] }, naming)
    const initializer = unwrapped(member['initializer'])
    if (typeof initializer?.['value'] === 'number') next = initializer['value']
    found.set(key, initializer === undefined ? String(next) : canonical(initializer, naming))
    next++
  }
  return found
}

/** `Color["Red"] = "red"` and `Color[Color["One"] = 1] = "One"`, in the body of a function. */
function filled(name: string, node: AnyNode, naming: Naming): ReadonlyMap<string, string> | undefined {
  const call = unwrapped(node)
  const callee = unwrapped(call?.['callee'])
  const filledOne = nodes(call?.['arguments']).map(unwrapped)[0]
  if (call?.type !== 'CallExpression' || callee?.type !== 'FunctionExpression') return undefined
  if (filledOne?.type !== 'LogicalExpression' || unwrapped(filledOne['left'])?.['name'] !== name) return undefined
  const found = new Map<string, string>()
  for (const statement of nodes(isNode(callee['body']) ? callee['body']['body'] : undefined)) {
    const outer = unwrapped(statement['expression'])
    const inner = unwrapped(unwrapped(outer?.['left'])?.['property'])
    const assignment = inner?.type === 'AssignmentExpression' ? inner : outer
    const left = unwrapped(assignment?.['left'])
    if (assignment?.type !== 'AssignmentExpression' || left === undefined) continue
    found.set(keyOf({ type: 'Property', key: left['property'] }, naming), canonical(assignment['right'], naming))
  }
  return found
}

function nodes(values: unknown): readonly AnyNode[] {
  return Array.isArray(values) ? values.filter(isNode) : []
}
