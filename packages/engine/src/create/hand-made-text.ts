import type { HandMade } from '../results'

/** `index:posts.ix_body was made by hand in revision ab12 (message), and no entity describes it` */
export function handMadeLine({ pattern, madeBy }: HandMade): string {
  const by = madeBy === null ? '' : ` in revision ${madeBy.revision} (${madeBy.message})`
  return `${pattern} was made by hand${by}, and no entity describes it`
}
