import { StringDecoder } from 'node:string_decoder'
import { ReviewStatus } from '@aludel/models'
import type { RiskDecision } from '@aludel/models'
import { checkField } from '../review'
import type { CompleteReview, ContentField } from '../review'
import { pathOf } from './path'
import { SeenKeys } from './seen-keys'
import { fieldOf } from './review-document'

/** Characters of one entry; a file with a longer one is read in the exact way. */
const longestEntry = 256 * 1024

/** Closing braces within the texts of one entry. */
const mostBraces = 32

type Place =
  'document' | 'first component' | 'component' | 'after component' | 'first threat' | 'threat' | 'after threat' | 'end'

/** Thrown inside the parser at the first thing that is not plainly right. */
class Irregular extends Error {}

/** Thrown inside the parser where the text so far ends. */
class Incomplete extends Error {}

const irregular = new Irregular()
const incomplete = new Incomplete()

/**
 * Parses a review file that has no mistakes, many times faster than {@link ReviewDocument}: it finds the extent of each entry,
 * which `JSON.parse` reads. It knows nothing of faults and positions. At the first thing that is not plainly right (a mistake, an
 * entry or a field that may be repeated, a very long entry), it stops: what it has returned before is valid, and the file must be
 * read again in the exact way.
 */
export class QuickParser {
  readonly #analysisId: string
  readonly #decoder = new StringDecoder('utf8')
  readonly #seen = new SeenKeys()
  #text = ''
  #at = 0
  #place: Place = 'document'
  #component = ''
  #isStarted = false
  #isIrregular = false
  #reviews: CompleteReview[] = []

  constructor(analysisId: string) {
    this.#analysisId = analysisId
  }

  /** True once it has stopped. */
  get isIrregular(): boolean {
    return this.#isIrregular
  }

  /** The current place, as a path. */
  get path(): string {
    const isInside = this.#place === 'first threat' || this.#place === 'threat' || this.#place === 'after threat'
    return isInside ? pathOf(this.#component) : pathOf()
  }

  /** Returns the reviews that are complete with these bytes. */
  write(bytes: Buffer): readonly CompleteReview[] {
    return this.#read(this.#decoder.write(bytes))
  }

  /** Must be called after the last byte. */
  end(): void {
    this.#read(this.#decoder.end())
    if (this.#place !== 'end') this.#isIrregular = true
  }

  #read(more: string): readonly CompleteReview[] {
    if (this.#isIrregular) return []
    this.#reviews = []
    // what the decoder returns for bytes that are not UTF-8
    if (more.includes('\ufffd')) this.#isIrregular = true
    else {
      const isFirst = !this.#isStarted && more !== ''
      this.#isStarted ||= isFirst
      this.#text = this.#text.slice(this.#at) + (isFirst && more.startsWith('\ufeff') ? more.slice(1) : more)
      this.#at = 0
      try {
        for (;;) this.#step()
      } catch (stop) {
        if (!(stop instanceof Incomplete) && !(stop instanceof Irregular)) throw stop
        const isLong = this.#text.length - this.#at > longestEntry
        if (stop instanceof Irregular || isLong) this.#isIrregular = true
      }
    }
    return this.#reviews
  }

  /** Reads up to the next place. Changes nothing if the text ends before. */
  #step(): void {
    const at = this.#afterSpace(this.#at)
    const character = this.#text.charCodeAt(at)
    switch (this.#place) {
      case 'document':
        if (character !== openBrace) throw irregular
        return this.#go('first component', at + 1)
      case 'first component':
        if (character === closeBrace) return this.#go('end', at + 1)
        return this.#readComponent(at)
      case 'component':
        return this.#readComponent(at)
      case 'after component':
        if (character === comma) return this.#go('component', at + 1)
        if (character === closeBrace) return this.#go('end', at + 1)
        throw irregular
      case 'first threat':
        if (character === closeBrace) return this.#go('after component', at + 1)
        return this.#readThreat(at)
      case 'threat':
        return this.#readThreat(at)
      case 'after threat':
        if (character === comma) return this.#go('threat', at + 1)
        if (character === closeBrace) return this.#go('after component', at + 1)
        throw irregular
      case 'end':
        throw irregular
    }
  }

  #go(place: Place, at: number): void {
    this.#place = place
    this.#at = at
  }

  #readComponent(at: number): void {
    const { key, end } = this.#readKey(at)
    if (checkField('componentId', key).length > 0) throw irregular
    this.#component = key
    this.#seen.begin(key)
    this.#go('first threat', end + 1)
  }

  #readThreat(at: number): void {
    const { key, end } = this.#readKey(at)
    if (checkField('threatId', key).length > 0) throw irregular
    const close = this.#readEntry(end, key)
    if (!this.#seen.add(key)) {
      this.#reviews.pop()
      throw irregular
    }
    this.#go('after threat', close + 1)
  }

  /** Reads `"key": {`. */
  #readKey(at: number): { readonly key: string; readonly end: number } {
    if (this.#text.charCodeAt(at) !== quote) throw irregular
    let close = at
    do {
      close = this.#text.indexOf('"', close + 1)
      if (close < 0) throw incomplete
    } while (this.#isEscaped(close))
    const colon = this.#afterSpace(close + 1)
    if (this.#text.charCodeAt(colon) !== colonCode) throw irregular
    const end = this.#afterSpace(colon + 1)
    if (this.#text.charCodeAt(end) !== openBrace) throw irregular
    const key = parse(this.#text.slice(at, close + 1))
    if (typeof key !== 'string') throw irregular
    return { key, end }
  }

  #isEscaped(at: number): boolean {
    let backslashes = 0
    while (this.#text.charCodeAt(at - 1 - backslashes) === backslash) backslashes += 1
    return backslashes % 2 === 1
  }

  /**
   * Reads the object that begins at `open`: no text that continues after an object is an object too, so the first closing brace up
   * to which it can be parsed is its own.
   *
   * @returns the offset of its closing brace
   */
  #readEntry(open: number, threatId: string): number {
    let close = open
    for (let braces = 0; braces < mostBraces; braces += 1) {
      close = this.#text.indexOf('}', close + 1)
      if (close < 0) throw incomplete
      const text = this.#text.slice(open, close + 1)
      const fields = parse(text)
      if (fields === undefined) continue
      this.#reviews.push(this.#reviewOf(fields as Readonly<Record<string, unknown>>, text, threatId))
      return close
    }
    throw irregular
  }

  #reviewOf(fields: Readonly<Record<string, unknown>>, text: string, threatId: string): CompleteReview {
    let count = 0
    for (const name in fields) {
      if (!fieldOf.has(name)) throw irregular
      count += 1
    }
    if (keysAtMost(text) !== count && keysIn(text) !== count) throw irregular
    // named one by one, because this is most of the work on an entry
    const { original_decision, final_decision, reviewer, justification, additional_notes, review_date } = fields
    const { evidence_references, status } = fields
    const isValid =
      isRight('originalDecision', original_decision) &&
      isRight('finalDecision', final_decision) &&
      isRight('reviewer', reviewer) &&
      isRight('justification', justification) &&
      isRight('additionalNotes', additional_notes) &&
      isRight('reviewDate', review_date) &&
      isRight('evidenceReferences', evidence_references) &&
      isRight('status', status)
    if (!isValid) throw irregular
    return {
      analysisId: this.#analysisId,
      componentId: this.#component,
      threatId,
      originalDecision: original_decision as RiskDecision,
      finalDecision: final_decision as RiskDecision,
      reviewer: reviewer as string,
      justification: justification as string,
      additionalNotes: (additional_notes ?? null) as string | null,
      reviewDate: review_date as string,
      evidenceReferences: (evidence_references ?? null) as string[] | null,
      status: (status ?? ReviewStatus.Completed) as ReviewStatus,
    }
  }

  #afterSpace(at: number): number {
    for (let place = at; place < this.#text.length; place += 1) {
      if (!isSpace(this.#text.charCodeAt(place))) return place
    }
    throw incomplete
  }
}

function isRight(field: ContentField, value: unknown): boolean {
  return checkField(field, value).length === 0
}

const quote = 0x22
const comma = 0x2c
const colonCode = 0x3a
const backslash = 0x5c
const openBrace = 0x7b
const closeBrace = 0x7d

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09
}

/** The value, or undefined if the text is no JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/**
 * The number of quotes that are followed by a colon: of each key in the text of an object, and perhaps of some texts. If it is the
 * number of keys that were parsed, none is repeated.
 */
function keysAtMost(text: string): number {
  let count = 0
  for (let at = text.indexOf(':'); at >= 0; at = text.indexOf(':', at + 1)) {
    let before = at - 1
    while (isSpace(text.charCodeAt(before))) before -= 1
    if (text.charCodeAt(before) === quote) count += 1
  }
  return count
}

/** The number of keys in the text of an object. */
function keysIn(text: string): number {
  let count = 0
  for (const [, colon] of text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/gs)) if (colon !== undefined) count += 1
  return count
}
