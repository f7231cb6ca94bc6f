/** A statement with its parameters. */
export interface BatchedStatement {
  readonly text: string
  readonly values: readonly unknown[]
}

/** Bytes of a type and a length. */
const head = 5

/**
 * The messages that execute statements one after another, up to one Sync, in one buffer: `pg` would make one for each of them, which
 * takes longer than the rest of what a short revision does here.
 *
 * @see https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export function messagesOf(statements: readonly BatchedStatement[]): Buffer {
  const all = statements.map(({ text, values }) => ({ text, values: values.map(parameter) }))
  const bytes = Buffer.allocUnsafe(all.reduce((sum, one) => sum + sizeOf(one), head))
  let at = 0
  const int16 = (value: number): void => {
    at = bytes.writeInt16BE(value, at)
  }
  const int32 = (value: number): void => {
    at = bytes.writeInt32BE(value, at)
  }
  const string = (value: string): void => {
    at += bytes.write(value, at)
    at = bytes.writeUInt8(0, at)
  }
  const message = (type: string, content?: () => void): void => {
    const start = at + 1
    bytes.write(type, at)
    at += head
    content?.()
    bytes.writeInt32BE(at - start, start)
  }
  for (const { text, values } of all) {
    message('P', () => {
      string('')
      string(text)
      // The server finds out the types of the parameters.
      int16(0)
    })
    message('B', () => {
      string('')
      string('')
      // All parameters are text, and all columns of the result.
      int16(0)
      int16(values.length)
      for (const value of values) {
        int32(value === null ? -1 : Buffer.byteLength(value))
        if (value !== null) at += bytes.write(value, at)
      }
      int16(0)
    })
    message('E', () => {
      string('')
      int32(0)
    })
  }
  message('S')
  return bytes
}

function sizeOf({ text, values }: { readonly text: string; readonly values: readonly (string | null)[] }): number {
  const parse = head + 1 + Buffer.byteLength(text) + 1 + 2
  const bind = head + 1 + 1 + 2 + 2 + values.reduce((sum, value) => sum + 4 + Buffer.byteLength(value ?? ''), 0) + 2
  const execute = head + 1 + 4
  return parse + bind + execute
}

/** As text, which the server converts to the type of the parameter. The tool's own statements have no others. */
function parameter(value: unknown): string | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value)
  throw new TypeError(`a parameter of the type ${typeof value}`)
}
