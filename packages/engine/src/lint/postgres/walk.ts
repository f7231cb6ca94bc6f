import type { BodyOf, NodeName } from '../../sql/postgres/nodes'

/** The bodies of all nodes of a kind in a parse tree, at any depth: also the DELETE in a WITH. */
export function nodesIn<N extends NodeName>(tree: unknown, name: N): readonly BodyOf<N>[] {
  const found: BodyOf<N>[] = []
  const look = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(look)
    else if (typeof value === 'object' && value !== null)
      for (const [key, inner] of Object.entries(value)) {
        if (key === name) found.push(inner as BodyOf<N>)
        look(inner)
      }
  }
  look(tree)
  return found
}
