/** A place in a text file; both count from 1, the column in characters. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** A position as text, for error messages. */
export function showPosition(position: Position): string {
  return `line ${position.line}, column ${position.column}`
}

/**
 * Converts byte offsets, given in ascending order, to lines and columns. Reads each byte once.
 */
export class PositionTracker {
  #line = 1
  #column = 1
  #offset = 0

  /**
   * @param chunk the current bytes
   * @param start the offset of its first byte
   * @param offset within the chunk or at its end. A smaller offset than before belongs to a token that started in an
   *   earlier chunk: no token contains a line break, so it is on the current line
   */
  at(chunk: Uint8Array, start: number, offset: number): Position {
    let line = this.#line
    let column = this.#column
    const end = Math.min(offset - start, chunk.length)
    for (let index = this.#offset - start; index < end; index += 1) {
      const byte = chunk[index] ?? 0
      if (byte === 0x0a) {
        line += 1
        column = 1
      } else if ((byte & 0xc0) !== 0x80) {
        // every byte but those that continue a character of UTF-8
        column += 1
      }
    }
    this.#line = line
    this.#column = column
    this.#offset = Math.max(this.#offset, offset)
    return { line, column: Math.max(1, column - Math.max(0, this.#offset - offset)) }
  }
}
