import type { Review } from '../../../../src/api/types'
import { useResource } from '../../api/resource'
import { FailurePanel } from '../../ui/failure'
import { Icon } from '../../ui/icon'
import { Skeleton } from '../../ui/parts'
import { Day, Time } from '../../ui/time'
import { StatusTag, listOf, textOf } from './fields'

/** One review with all that it says. */
export function ReviewPanel({ id }: { id: string }) {
  const { data, error, reload } = useResource<Review>(`/reviews/${encodeURIComponent(id)}`)
  const review = data.value
  return (
    <section class="card" aria-label="Review" aria-busy={review === undefined}>
      {review !== undefined ? (
        <Details review={review} />
      ) : error.value !== undefined ? (
        <FailurePanel failure={error.value} retry={() => void reload()} />
      ) : (
        <div class="card__body">
          <Skeleton widths={[40, 80, 100, 100, 60]} height="1.25rem" />
        </div>
      )}
    </section>
  )
}

function Details({ review }: { review: Review }) {
  const [from, to] = [textOf(review, 'originalDecision'), textOf(review, 'finalDecision')]
  const evidence = listOf(review, 'evidenceReferences')
  const [day, updated, notes] = [
    textOf(review, 'reviewDate'),
    textOf(review, 'updatedAt'),
    textOf(review, 'additionalNotes'),
  ]
  return (
    <div class="card__body review">
      <div>
        <StatusTag review={review} />
      </div>
      <h2>{textOf(review, 'threatId') ?? review.id}</h2>
      <p class="review__decision">
        {from !== to && (
          <>
            <span class="muted">{from}</span>
            <Icon name="arrowRight" size={14} />
          </>
        )}
        <strong>{to}</strong>
      </p>
      <p class="review__text">{textOf(review, 'justification')}</p>
      {notes !== undefined && <p class="review__text muted">{notes}</p>}
      <dl class="facts">
        <dt>Component</dt>
        <dd>{textOf(review, 'componentId')}</dd>
        <dt>Analysis</dt>
        <dd>{textOf(review, 'analysisId')}</dd>
        <dt>Reviewer</dt>
        <dd>
          {textOf(review, 'reviewer')}
          {day !== undefined && (
            <>
              , <Day iso={`${day}T12:00:00`} />
            </>
          )}
        </dd>
        {evidence.length > 0 && (
          <>
            <dt>Evidence</dt>
            <dd>
              <ul>
                {evidence.map((reference) => (
                  <li key={reference}>
                    <Evidence reference={reference} />
                  </li>
                ))}
              </ul>
            </dd>
          </>
        )}
        {updated !== undefined && (
          <>
            <dt>Changed</dt>
            <dd>
              <Time iso={updated} />
            </dd>
          </>
        )}
      </dl>
    </div>
  )
}

/** A link where it is the address of a page; anything else, `javascript:` above all, stays text. */
function Evidence({ reference }: { reference: string }) {
  if (!/^https?:\/\/\S+$/i.test(reference)) return <span>{reference}</span>
  return (
    <a href={reference} target="_blank" rel="noopener noreferrer">
      {reference}
    </a>
  )
}
