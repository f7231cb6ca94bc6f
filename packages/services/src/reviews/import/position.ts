/** A place in a text file; both count from 1, the column in characters. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** A position as an error message shows it. */
export function showPosition(position: Position): string {
  return `line ${position.line}, column ${position.column}`
}

/**
 * Turns byte offsets, asked for in ascending order, into lines and columns, looking at each byte once.
 */
export class PositionTracker {
  #line = 1
  #column = 1
  #offset = 0

  /**
   * @param chunk the bytes that are being read
   * @param start the offset of its first byte
   * @param offset the offset asked for, inside the chunk or at its end. One before what was already looked at is that of a
   *   token which began in an earlier chunk: no line ends inside a token, so it is on the current line
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
