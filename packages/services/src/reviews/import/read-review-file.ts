import { createReadStream } from 'node:fs'
import { Tokenizer, TokenizerError } from '@streamparser/json'
import { messageOf } from '../../errors'
import type { CompleteReview } from '../review'
import { JsonGrammarError, JsonWalker } from './json-walker'
import { PositionTracker, showPosition } from './position'
import type { Position } from './position'
import { QuickParser } from './quick-parser'
import { RepeatIndex } from './repeats'
import { ReviewDocument } from './review-document'
import type { Fault } from './review-document'

/** A chunk of a file, parsed. */
interface ReviewChunk {
  readonly reviews: readonly CompleteReview[]
  readonly faults: readonly Fault[]
  /** Bytes read so far. */
  readonly bytes: number
  /** The current place in the document, as a path. */
  readonly path: string
}

/**
 * Reads one review file in chunks, so large files need little memory. Stops at the first place that is not JSON, after
 * yielding the complete entries before it.
 *
 * A file without mistakes is read by {@link QuickParser}. At the first thing that this one does not take, the file is read again
 * by {@link ReviewParser}, which finds the same entries up to there, and then reports what is wrong.
 *
 * @param file the path of the file
 * @param analysisId the analysis of the file
 * @param chunkSize bytes. Default is 65,536.
 */
export async function* readReviewFile(
  file: string,
  analysisId: string,
  chunkSize = 64 * 1024,
): AsyncGenerator<ReviewChunk> {
  const quick = new QuickParser(analysisId)
  let bytes = 0
  let count = 0
  try {
    for await (const chunk of chunksOf(file, chunkSize)) {
      const reviews = quick.write(chunk)
      if (!quick.isIrregular) bytes += chunk.length
      count += reviews.length
      yield { reviews, faults: [], bytes, path: quick.path }
      if (quick.isIrregular) break
    }
  } catch (error) {
    yield { ...unreadable(error, quick.path), bytes }
    return
  }
  quick.end()
  if (quick.isIrregular) yield* readExactly(file, analysisId, chunkSize, { bytes, reviews: count })
}

/**
 * Reads a file from its beginning, and reports mistakes with their positions.
 *
 * @param before what was yielded already: so many reviews are left out
 */
export async function* readExactly(
  file: string,
  analysisId: string,
  chunkSize: number,
  before: { readonly bytes: number; readonly reviews: number } = { bytes: 0, reviews: 0 },
): AsyncGenerator<ReviewChunk> {
  const parser = new ReviewParser(analysisId)
  let bytes = 0
  let left = before.reviews
  const take = (): ReviewChunk => {
    const { reviews, ...found } = parser.take()
    const known = Math.min(left, reviews.length)
    left -= known
    return { ...found, reviews: reviews.slice(known), bytes: Math.max(bytes, before.bytes) }
  }
  try {
    for await (const chunk of chunksOf(file, chunkSize)) {
      bytes += chunk.length
      parser.write(chunk)
      yield take()
      if (parser.isStopped) return
    }
  } catch (error) {
    yield { ...unreadable(error, take().path), bytes }
    return
  }
  parser.end()
  yield take()
}

const chunksOf = (file: string, highWaterMark: number): AsyncIterable<Buffer> =>
  createReadStream(file, { highWaterMark }) as AsyncIterable<Buffer>

/** @throws an error that is not of the file system, which is a bug */
function unreadable(error: unknown, path: string): Omit<ReviewChunk, 'bytes'> {
  if (typeof error !== 'object' || error === null || !('syscall' in error)) throw error
  return { reviews: [], faults: [{ path, reason: `cannot be read: ${messageOf(error)}` }], path }
}

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf])

/** Little and big endian. */
const utf16Marks = [Buffer.from([0xff, 0xfe]), Buffer.from([0xfe, 0xff])] as const

/** Parses bytes to reviews and faults. */
class ReviewParser {
  #reviews: CompleteReview[] = []
  #faults: Fault[] = []
  readonly #repeats = new RepeatIndex()
  readonly #tokenizer = new Tokenizer()
  readonly #positions = new PositionTracker()
  readonly #document: ReviewDocument<Position>
  readonly #walker: JsonWalker
  #chunk: Buffer = Buffer.alloc(0)
  #chunkStart = 0
  #tokenOffset = 0
  #started = false
  #stopped = false

  constructor(analysisId: string) {
    this.#document = new ReviewDocument(
      analysisId,
      {
        entry: (review, position) => this.#entry(review, position),
        fault: (fault) => this.#faults.push(fault),
      },
      () => this.#positionOf(this.#tokenOffset),
    )
    this.#walker = new JsonWalker(this.#document)
    keepByteOrderMarksInStrings(this.#tokenizer)
    this.#tokenizer.onToken = ({ token, value, offset }) => {
      this.#tokenOffset = offset
      this.#walker.next(token, value)
    }
    this.#tokenizer.onError = (error) => this.#stop(error)
  }

  /** True after the end or an error: nothing more will be parsed. */
  get isStopped(): boolean {
    return this.#stopped
  }

  write(bytes: Buffer): void {
    this.#chunkStart += this.#chunk.length
    // the tokenizer skips a byte order mark too, but does not count it in its offsets
    const hasMark = !this.#started && bytes.subarray(0, 3).equals(byteOrderMark)
    this.#chunk = hasMark ? bytes.subarray(3) : bytes
    const isUtf16 =
      !this.#started && (bytes.subarray(0, 2).equals(utf16Marks[0]) || bytes.subarray(0, 2).equals(utf16Marks[1]))
    this.#started = true
    if (isUtf16) {
      this.#stopped = true
      this.#faults.push({ path: this.#document.path, reason: 'is UTF-16 text, and must be UTF-8' })
      return
    }
    this.#tokenizer.write(this.#chunk)
    // counts the lines of this chunk before the next one replaces it
    if (!this.#stopped) this.#positionOf(this.#chunkStart + this.#chunk.length)
  }

  end(): void {
    if (this.#stopped) return
    // completes a number at the very end; within another token this is an error
    let isInsideToken = false
    this.#tokenizer.onError = () => (isInsideToken = true)
    try {
      this.#tokenizer.end()
    } catch (error) {
      if (!(error instanceof JsonGrammarError)) throw error
      return this.#stop(error)
    }
    this.#stopped = true
    if (this.#walker.isComplete && !isInsideToken) return
    const end = this.#chunkStart + this.#chunk.length
    const where = showPosition(this.#positionOf(end))
    const reason = end === 0 ? 'the file is empty' : `the file is cut short: it ends in the middle, at ${where}`
    this.#faults.push({ path: this.#document.path, reason })
  }

  /** Returns the reviews and faults since the last call. */
  take(): Pick<ReviewChunk, 'reviews' | 'faults' | 'path'> {
    const found = { reviews: this.#reviews, faults: this.#faults, path: this.#document.path }
    this.#reviews = []
    this.#faults = []
    return found
  }

  #entry(review: CompleteReview, position: Position): void {
    const repeat = this.#repeats.add(review, position)
    if (repeat.kind === 'new') this.#reviews.push(review)
    if (repeat.kind !== 'different') return
    const [here, first] = [showPosition(position), showPosition(repeat.first)]
    const reason = `is in the file twice, with different contents: at ${first} (imported) and at ${here} (not imported)`
    this.#faults.push({ path: this.#document.path, reason })
  }

  #stop(error: Error): void {
    // the tokenizer also reports errors of callbacks, and continues after an error
    if (this.#stopped) return
    this.#stopped = true
    this.#faults.push({ path: this.#document.path, reason: this.#reasonOf(error) })
  }

  #reasonOf(error: Error): string {
    if ('code' in error && error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
      return `is not UTF-8 text, somewhere after ${showPosition(this.#positionOf(this.#tokenOffset))}`
    }
    if (!(error instanceof TokenizerError || error instanceof JsonGrammarError)) throw error
    const match = error instanceof TokenizerError ? /absolute position "(\d+)"/.exec(error.message) : null
    const offset = match === null ? this.#tokenOffset : Number(match[1])
    const where = showPosition(this.#positionOf(offset))
    if (match === null) return `is not JSON at ${where}: ${error.message}`
    const start = offset - this.#chunkStart
    const [character = ''] = this.#chunk.subarray(start, start + 4).toString('utf8')
    return `is not JSON at ${where}: unexpected ${JSON.stringify(character)}`
  }

  #positionOf(offset: number): Position {
    return this.#positions.at(this.#chunk, this.#chunkStart, offset)
  }
}

/**
 * The tokenizer decodes each piece of a string with a `TextDecoder` that drops a leading U+FEFF as a byte order mark, and so
 * loses a character of the text. There is no option for it (0.0.26), so the decoder is replaced.
 */
function keepByteOrderMarksInStrings(tokenizer: Tokenizer): void {
  const strings: unknown = Reflect.get(tokenizer, 'bufferedString')
  if (typeof strings !== 'object' || strings === null)
    throw new Error('this version of @streamparser/json is not known')
  Reflect.set(strings, 'decoder', new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }))
}
