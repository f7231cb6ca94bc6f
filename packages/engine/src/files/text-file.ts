import { isUtf8 } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'

import { AludelError } from '../errors'

/**
 * The text of a file of the project. Node's own `'utf8'` replaces every byte that is not UTF-8 by U+FFFD without a word,
 * and a statement would store that.
 *
 * @returns the text; a byte order mark stays at its beginning
 * @throws AludelError `ALUDEL_ENCODING` naming file, line and byte; the error of the file system
 */
export async function readText(file: string): Promise<string> {
  return decodeText(await readFile(file), file)
}

/** {@link readText}, for many small files. */
export function readTextSync(file: string): string {
  return decodeText(readFileSync(file), file)
}

/** {@link readText} for bytes that were read already. */
export function decodeText(bytes: Buffer, file: string): string {
  if (isUtf8(bytes) && !isUtf16(bytes)) return bytes.toString('utf8')
  throw encodingError(bytes, file)
}

/** A text that may begin with a byte order mark, which `JSON.parse` refuses. */
export function withoutByteOrderMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text
}

/** True with a byte order mark of UTF-16, and for text whose first character has a zero byte beside it. */
function isUtf16([first, second]: Buffer): boolean {
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true
  return first !== undefined && second !== undefined && (first === 0) !== (second === 0)
}

function encodingError(bytes: Buffer, file: string): AludelError {
  if (isUtf16(bytes)) {
    return new AludelError('ALUDEL_ENCODING', `${file} is UTF-16, and must be UTF-8`, {
      help: `Save it as UTF-8: iconv -f UTF-16 -t UTF-8 ${quoted(file)} > copy`,
      details: { path: file, offset: 0, line: 1 },
    })
  }
  const offset = firstInvalid(bytes)
  const line = bytes.subarray(0, offset).filter((byte) => byte === 0x0a).length + 1
  const byte = bytes[offset] ?? 0
  return new AludelError(
    'ALUDEL_ENCODING',
    `${file} is not UTF-8: byte 0x${byte.toString(16).toUpperCase()} at offset ${String(offset)}, in line ${String(line)}`,
    {
      help: `Save it as UTF-8. If it is Latin-1, that byte is "${String.fromCharCode(byte)}": iconv -f ISO-8859-1 -t UTF-8 ${quoted(file)} > copy`,
      details: { path: file, offset, line, byte },
    },
  )
}

function quoted(file: string): string {
  return `'${file.replaceAll("'", String.raw`'\''`)}'`
}

/** The offset of the first byte that begins no character. */
function firstInvalid(bytes: Buffer): number {
  let at = 0
  while (at < bytes.length) {
    const lead = bytes[at] ?? 0
    const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
    // A character that the end of the file cuts off is invalid as well.
    if (!isUtf8(bytes.subarray(at, at + length))) return at
    at += length
  }
  return bytes.length
}
