import type { UnmanagedObject } from '../results'

/** `index:posts.ix_body is unmanaged: revision ab12 (message) created it, and no entity describes it` */
export function unmanagedLine({ pattern, madeBy }: UnmanagedObject): string {
  const origin = madeBy === null ? '' : `revision ${madeBy.revision} (${madeBy.message}) created it, and `
  return `${pattern} is unmanaged: ${origin}no entity describes it`
}
