import { ApiFailure } from '../api/errors'
import type { Review, Reviews, ReviewsQuery } from '../api/types'
import { defineRoute } from './route'

export const reviewRoutes = [
  defineRoute<ReviewsQuery>({
    method: 'GET',
    path: '/reviews',
    summary: 'Review decisions, newest first',
    access: 'session',
    query: 'ReviewsQuery',
    answer: { schema: 'Reviews' },
    handle: ({ query }, services): Promise<Reviews> => {
      const source = services.requireReviews()
      return services.project.beside(() => source.list(query))
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/reviews/:id',
    summary: 'One review decision',
    access: 'session',
    answer: { schema: 'Review' },
    handle: async ({ id }, services): Promise<Review> => {
      const source = services.requireReviews()
      const review = await services.project.beside(() => source.get(id))
      if (review === null) throw new ApiFailure('ALUDEL_WEB_NOT_FOUND', 'there is no review with this id')
      return review
    },
  }),
]
