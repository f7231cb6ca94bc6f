import { Link } from 'wouter-preact'
import { shortId } from '../model/format'

/** An id that leads to its revision. */
export function RevisionLink({ id }: { id: string }) {
  return (
    <Link href={`/history/${id}`} class="revision-id" title={id}>
      {shortId(id)}
    </Link>
  )
}
