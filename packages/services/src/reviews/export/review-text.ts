import { ReviewStatus } from '@aludel/models'
import { fieldOf } from '../import/review-document'
import type { CompleteReview, ContentField } from '../review'

/**
 * Writes the text of a review file, a few reviews at a time. The keys are written one by one: an object would change the order of keys
 * that are numbers, and lose `__proto__`.
 *
 * @example
 * const text = new ReviewText()
 * const file = text.add(reviews) + text.end()
 */
export class ReviewText {
  #component: string | undefined

  /** @param reviews of one analysis, those of a component together */
  add(reviews: readonly CompleteReview[]): string {
    return reviews.map((review) => this.#entry(review)).join('')
  }

  end(): string {
    return this.#component === undefined ? '{}\n' : '\n  }\n}\n'
  }

  #entry(review: CompleteReview): string {
    const { componentId, threatId } = review
    let before = ',\n'
    if (componentId !== this.#component) {
      before = `${this.#component === undefined ? '{\n' : '\n  },\n'}  ${JSON.stringify(componentId)}: {\n`
      this.#component = componentId
    }
    const fields = JSON.stringify(fieldsOf(review), undefined, 2).replaceAll('\n', '\n    ')
    return `${before}    ${JSON.stringify(threatId)}: ${fields}`
  }
}

/** As files have them: what an import adds to a review is left out. */
function fieldsOf(review: CompleteReview): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    [...fieldOf].flatMap(([name, field]) =>
      field in added && review[field] === added[field] ? [] : [[name, review[field]] as const],
    ),
  )
}

/** What an import takes for a field that is missing. */
const added: Readonly<Partial<Record<ContentField, unknown>>> = {
  additionalNotes: null,
  evidenceReferences: null,
  status: ReviewStatus.Completed,
}
