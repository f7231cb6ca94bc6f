import { messagesOf } from '../../../src/dialect/postgres/messages'

/** Type and content of each message. */
function read(bytes: Buffer): [type: string, content: string][] {
  const all: [string, string][] = []
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readInt32BE(at + 1)
    all.push([bytes.toString('latin1', at, at + 1), bytes.toString('latin1', at + 5, at + 1 + length)])
    at += 1 + length
  }
  return all
}

const utf8 = (text: string): string => Buffer.from(text).toString('latin1')

test('messagesOf writes each statement with its parameters, and one Sync', () => {
  const statements = [
    { text: 'COMMIT', values: [] },
    { text: 'SELECT $1, $2, $3 -- ü', values: ['ö€😀', null, 7] },
  ]
  const execute = ['E', '\0\0\0\0\0']
  expect(read(messagesOf(statements))).toEqual([
    ['P', '\0COMMIT\0\0\0'],
    ['B', '\0\0\0\0\0\0\0\0'],
    execute,
    ['P', `\0${utf8('SELECT $1, $2, $3 -- ü')}\0\0\0`],
    ['B', `\0\0\0\0\0\u0003\0\0\0\u0009${utf8('ö€😀')}\u00ff\u00ff\u00ff\u00ff\0\0\0\u00017\0\0`],
    execute,
    ['S', ''],
  ])
})
