import { Link } from 'wouter-preact'
import type { Story } from '../../../../src/api/types'
import { useResource } from '../../api/resource'
import { sentence, shortId } from '../../model/format'
import { Dialog } from '../../ui/dialog'
import { FailureNotice } from '../../ui/failure'
import { Skeleton, Tag } from '../../ui/parts'
import { Day } from '../../ui/time'

/** Which revisions made and changed a table or a column, the first one first. */
export function StoryDialog({ table, column, onClose }: { table: string; column: string | null; onClose: () => void }) {
  const query = new URLSearchParams({ table, ...(column === null ? {} : { column }) })
  const { data, error } = useResource<Story>(`/schema/story?${query.toString()}`)
  const story = data.value
  return (
    <Dialog title={`Story of ${column === null ? table : `${table}.${column}`}`} onClose={onClose}>
      {error.value !== undefined ? (
        <FailureNotice failure={error.value} />
      ) : story === undefined ? (
        <div aria-busy="true">
          <p class="muted" role="status">
            Replaying the revisions
          </p>
          <br />
          <Skeleton widths={[100, 70, 100, 60]} height="1.25rem" />
        </div>
      ) : story.events.length === 0 ? (
        <p class="muted">No revision made it: it was made by hand, or before these files.</p>
      ) : (
        <ol class="track story">
          {story.events.map((event) => (
            <li key={event.revision} class={event.applied ? 'track__step track__step--applied' : 'track__step'}>
              <div class="story__event">
                <p class="row row--wrap">
                  <Link href={`/history/${event.revision}`} class="track__title">
                    {sentence(event.message)}
                  </Link>
                  <span class="revision-id">{shortId(event.revision)}</span>
                  {!event.applied && <Tag tone="blue">pending</Tag>}
                  <span class="push muted">
                    <Day iso={event.createdAt} />
                  </span>
                </p>
                {event.renamedFrom !== undefined && <p class="muted">Until then it was called {event.renamedFrom}.</p>}
                <ul>
                  {event.operations.map((operation) => (
                    <li key={operation} class="story__operation">
                      {operation}
                    </li>
                  ))}
                </ul>
              </div>
            </li>
          ))}
        </ol>
      )}
    </Dialog>
  )
}
