import './reviews.css'
import { useSignal } from '@preact/signals'
import { Link, useLocation } from 'wouter-preact'
import type { Review, Reviews as ReviewPage } from '../../../../src/api/types'
import { session } from '../../api/session'
import { count } from '../../model/format'
import { useDelayed } from '../../ui/delayed'
import { FailureNotice, FailurePanel } from '../../ui/failure'
import { SearchField, Segments } from '../../ui/fields'
import { Icon } from '../../ui/icon'
import { useMedia } from '../../ui/media'
import { PageHead } from '../../ui/page'
import { usePagedList } from '../../ui/pages'
import { Button, Empty, Skeleton } from '../../ui/parts'
import { ReviewPanel } from './review'
import { StatusTag, statusText, textOf } from './fields'

/** Decisions of reviews: what they were about, what was decided, by whom and why. */
export function Reviews({ params }: { params: { id?: string | undefined } }) {
  const [, navigate] = useLocation()
  const beside = useMedia('(min-width: 68rem)')
  const search = useSignal('')
  const status = useSignal('')
  const words = useDelayed(search.value.trim())
  const query = new URLSearchParams({ limit: '50' })
  if (words !== '') query.set('search', words)
  if (status.value !== '') query.set('status', status.value)
  const list = usePagedList<ReviewPage>(`/reviews?${query.toString()}`)
  const first = list.pages.value[0]
  const reviews = list.pages.value.flatMap((page) => page.reviews)
  const id = params.id === undefined ? undefined : decodeURIComponent(params.id)

  if (session.value?.reviews === false) {
    return (
      <>
        <PageHead title="Reviews" />
        <div class="card">
          <Empty icon="reviews" title="This project has no reviews" />
        </div>
      </>
    )
  }
  if (id !== undefined && !beside) {
    return (
      <>
        <Link href="/reviews" class="back-link">
          ← Reviews
        </Link>
        <h1 class="visually-hidden">Reviews</h1>
        <ReviewPanel id={id} />
      </>
    )
  }
  const all = Object.values(first?.counts ?? {}).reduce((sum, number) => sum + number, 0)
  const shown = id ?? reviews[0]?.id
  return (
    <>
      <PageHead title="Reviews">Decisions about risks, and why they were made.</PageHead>
      <div class="reviews">
        <section class="card" aria-label="Reviews" aria-busy={list.loading.value}>
          <div class="card__head filters reviews__filters">
            <SearchField
              label="Search reviews"
              placeholder="Threat, component, person or text"
              value={search.value}
              shortcut
              onInput={(value) => {
                search.value = value
              }}
            />
            <Segments
              label="Status"
              value={status.value}
              options={[
                { value: '', label: 'All', count: first === undefined ? undefined : all },
                ...Object.entries(first?.counts ?? {}).map(([value, number]) => ({
                  value,
                  label: statusText(value),
                  count: number,
                })),
              ]}
              onChange={(value) => {
                status.value = value
              }}
            />
          </div>
          {first === undefined && list.error.value !== undefined ? (
            <FailurePanel failure={list.error.value} retry={() => void list.reload()} />
          ) : first === undefined ? (
            <div class="card__body">
              <Skeleton widths={[100, 80, 100, 70, 100, 85]} height="1.5rem" />
            </div>
          ) : reviews.length === 0 ? (
            words === '' && status.value === '' ? (
              <Empty icon="reviews" title="There are no reviews yet">
                They are imported from files: <code>aludel reviews import DIR</code>
              </Empty>
            ) : (
              <Empty
                icon="search"
                title="No review is like that"
                actions={
                  <Button
                    onClick={() => {
                      search.value = ''
                      status.value = ''
                    }}
                  >
                    Show all
                  </Button>
                }
              />
            )
          ) : (
            <ul class="reviews__list">
              {reviews.map((review) => (
                <li key={review.id}>
                  <Row
                    review={review}
                    current={beside && review.id === shown}
                    onOpen={() => navigate(`/reviews/${review.id}`)}
                  />
                </li>
              ))}
            </ul>
          )}
          {first !== undefined && list.error.value !== undefined && (
            <div class="card__body">
              <FailureNotice failure={list.error.value} />
            </div>
          )}
          {list.more.value && (
            <div class="card__foot">
              <Button size="small" busy={list.loading.value} onClick={() => void list.next()}>
                More reviews
              </Button>
            </div>
          )}
          <p class="visually-hidden" role="status">
            {!list.loading.value && `${count(reviews.length, 'review')} shown`}
          </p>
        </section>
        {beside && shown !== undefined && (
          <div class="reviews__details">
            <ReviewPanel key={shown} id={shown} />
          </div>
        )}
      </div>
    </>
  )
}

function Row({ review, current, onOpen }: { review: Review; current: boolean; onOpen: () => void }) {
  const [from, to] = [textOf(review, 'originalDecision'), textOf(review, 'finalDecision')]
  return (
    <button type="button" class="reviews__row" aria-current={current ? 'true' : undefined} onClick={onOpen}>
      <span class="reviews__title">{textOf(review, 'threatId') ?? review.id}</span>
      <span class="reviews__status">
        <StatusTag review={review} />
      </span>
      <span class="reviews__facts">
        {textOf(review, 'componentId')} · {textOf(review, 'reviewer')}
      </span>
      <span class="reviews__decision">
        {from !== to && (
          <>
            {from} <Icon name="arrowRight" size={12} />{' '}
          </>
        )}
        {to}
      </span>
    </button>
  )
}
