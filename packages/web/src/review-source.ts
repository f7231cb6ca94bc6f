import type { Review, Reviews, ReviewsQuery } from './api/types'

/**
 * Where review decisions come from: this package knows no entity. The command line has one for the shipped entities. It keeps no
 * connection between two calls, since a restore needs the database alone.
 */
export interface ReviewSource {
  /** One page of reviews, newest first. */
  list(query: ReviewsQuery): Promise<Reviews>
  /** One review; null if there is none with this id. */
  get(id: string): Promise<Review | null>
}
