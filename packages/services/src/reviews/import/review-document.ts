import { checkField, complete, describe } from '../review'
import type { CompleteReview, ContentField, Review } from '../review'
import type { JsonHandler } from './json-walker'
import { pathOf } from './path'

/** A part of a file that cannot be imported. */
export interface Fault {
  readonly path: string
  readonly reason: string
}

/** Receives the content of a file, in its order. */
interface ReviewDocumentListener<P> {
  /** Called for each valid review. */
  entry(review: CompleteReview, position: P): void
  /** Called for each part that is not imported. */
  fault(fault: Fault): void
}

/** The names of the fields in files, and of reviews. */
export const fieldOf: ReadonlyMap<string, ContentField> = new Map([
  ['original_decision', 'originalDecision'],
  ['final_decision', 'finalDecision'],
  ['reviewer', 'reviewer'],
  ['justification', 'justification'],
  ['additional_notes', 'additionalNotes'],
  ['review_date', 'reviewDate'],
  ['evidence_references', 'evidenceReferences'],
  ['status', 'status'],
])

type Place = 'document' | 'components' | 'component' | 'threats' | 'threat' | 'fields' | 'field' | 'list'

/**
 * Interprets a review file, `{ component: { threat: { field: value } } }`, from the events of a {@link JsonWalker}, and
 * stores one entry at a time. After a fault it continues with the next part.
 */
export class ReviewDocument<P> implements JsonHandler {
  readonly #analysisId: string
  readonly #listener: ReviewDocumentListener<P>
  readonly #position: () => P
  #place: Place = 'document'
  /** Open containers within a value that is skipped. */
  #skipping = 0
  #component = ''
  #threat = ''
  #entryPosition: P | undefined
  #field = ''
  #values = new Map<string, unknown>()
  #faults: Fault[] = []
  #list: unknown[] = []

  /**
   * @param analysisId the analysis of the file
   * @param position returns the current position of the reader
   */
  constructor(analysisId: string, listener: ReviewDocumentListener<P>, position: () => P) {
    this.#analysisId = analysisId
    this.#listener = listener
    this.#position = position
  }

  /** The current place, as a path. */
  get path(): string {
    switch (this.#place) {
      case 'document':
      case 'components':
        return pathOf()
      case 'component':
      case 'threats':
        return pathOf(this.#component)
      case 'threat':
      case 'fields':
        return pathOf(this.#component, this.#threat)
      case 'field':
      case 'list':
        return pathOf(this.#component, this.#threat, this.#field)
    }
  }

  key(name: string): void {
    if (this.#skipping > 0) return
    if (this.#place === 'components') {
      this.#component = name
      this.#place = 'component'
    } else if (this.#place === 'threats') {
      this.#threat = name
      this.#entryPosition = this.#position()
      this.#place = 'threat'
    } else {
      this.#field = name
      this.#place = 'field'
    }
  }

  startObject(): void {
    if (this.#skipping > 0) {
      this.#skipping += 1
      return
    }
    switch (this.#place) {
      case 'document':
        this.#place = 'components'
        return
      case 'component':
        if (this.#acceptKey('componentId', this.#component)) this.#place = 'threats'
        else this.#skipping = 1
        return
      case 'threat':
        this.#values = new Map()
        this.#faults = []
        if (this.#acceptKey('threatId', this.#threat)) this.#place = 'fields'
        else this.#skipping = 1
        return
      default:
        this.#take({})
        this.#skipping = 1
    }
  }

  startArray(): void {
    if (this.#skipping > 0) {
      this.#skipping += 1
    } else if (this.#place === 'field' && fieldOf.get(this.#field) === 'evidenceReferences') {
      this.#list = []
      this.#place = 'list'
    } else {
      this.#take([])
      this.#skipping = 1
    }
  }

  value(value: string | number | boolean | null): void {
    if (this.#skipping > 0) return
    this.#take(value)
    this.#leaveValue()
  }

  end(): void {
    if (this.#skipping > 0) {
      this.#skipping -= 1
      if (this.#skipping === 0) this.#leaveValue()
      return
    }
    switch (this.#place) {
      case 'list':
        this.#place = 'field'
        this.#take(this.#list)
        return this.#leaveValue()
      case 'fields':
        this.#finishEntry()
        this.#place = 'threats'
        return
      case 'threats':
        this.#place = 'components'
        return
      default:
        this.#place = 'document'
    }
  }

  /** Takes a value at the current place: valid for a field, a fault elsewhere. */
  #take(value: unknown): void {
    switch (this.#place) {
      case 'document':
        return this.#listener.fault({
          path: this.path,
          reason: `must be an object of components, not ${describe(value)}`,
        })
      case 'component':
        return this.#listener.fault({ path: this.path, reason: `must be an object of threats, not ${describe(value)}` })
      case 'threat':
        return this.#listener.fault({ path: this.path, reason: `must be an object of fields, not ${describe(value)}` })
      case 'list':
        this.#list.push(value)
        return
      default:
        return this.#takeField(value)
    }
  }

  #takeField(value: unknown): void {
    if (!fieldOf.has(this.#field)) {
      this.#faults.push({ path: this.path, reason: 'is no field of a review; the entry is not imported' })
      return
    }
    if (this.#values.has(this.#field)) {
      const isSame = JSON.stringify(this.#values.get(this.#field)) === JSON.stringify(value)
      if (!isSame) this.#faults.push({ path: this.path, reason: 'is given twice, with different values' })
      return
    }
    this.#values.set(this.#field, value)
  }

  /** After a value: back to the object that it is in. */
  #leaveValue(): void {
    if (this.#place === 'component') this.#place = 'components'
    else if (this.#place === 'threat') this.#place = 'threats'
    else if (this.#place === 'field') this.#place = 'fields'
  }

  #acceptKey(field: 'componentId' | 'threatId', key: string): boolean {
    const issues = checkField(field, key)
    for (const { reason } of issues) this.#listener.fault({ path: this.path, reason: `the key ${reason}` })
    return issues.length === 0
  }

  #finishEntry(): void {
    const content: Partial<Record<ContentField, unknown>> = {}
    for (const [name, field] of fieldOf) {
      const value = this.#values.get(name)
      content[field] = value
      for (const { path, reason } of checkField(field, value)) {
        this.#faults.push({ path: `${pathOf(this.#component, this.#threat, name)}${path}`, reason })
      }
    }
    if (this.#faults.length > 0) {
      for (const fault of this.#faults) this.#listener.fault(fault)
      return
    }
    const identity = { analysisId: this.#analysisId, componentId: this.#component, threatId: this.#threat }
    // the loop above has validated each field
    const review = complete({ ...identity, ...content } as Review)
    this.#listener.entry(review, this.#entryPosition ?? this.#position())
  }
}
