import { Attempts } from '../../src/security/attempts'
import { Sessions } from '../../src/security/sessions'
import { chosenToken, newToken, sameSecret } from '../../src/security/token'

describe('a session', () => {
  let now = 0
  const sessions = (): Sessions => new Sessions(() => now, { absoluteMs: 100, idleMs: 30 })
  beforeEach(() => {
    now = 1000
  })

  test('ends some time after its last use', () => {
    const all = sessions()
    const id = all.start('ana')
    now += 29
    expect(all.use(id)).toMatchObject({ user: 'ana' })
    now += 29
    expect(all.use(id)).toMatchObject({ user: 'ana' })
    now += 30
    expect(all.use(id)).toBeUndefined()
    now -= 30
    expect(all.use(id)).toBeUndefined()
  })

  test('ends some time after its start, however much it is used', () => {
    const all = sessions()
    const id = all.start('ana')
    for (let passed = 0; passed < 99; passed += 1) {
      now += 1
      expect(all.use(id)).toBeDefined()
    }
    now += 1
    expect(all.use(id)).toBeUndefined()
  })

  test('ends when it is ended, and no other one with it', () => {
    const all = sessions()
    const [first, second] = [all.start('ana'), all.start('ana')]
    all.end(first)
    expect(all.use(first)).toBeUndefined()
    expect(all.use(second)).toBeDefined()
  })

  test('has an id and a secret of its own that nobody can guess', () => {
    const all = sessions()
    const ids = Array.from({ length: 50 }, () => all.start('ana'))
    const secrets = ids.map((id) => all.use(id)?.csrf)
    expect(new Set([...ids, ...secrets]).size).toBe(100)
    for (const id of ids) expect(id).toMatch(/^[\w-]{43}$/)
    expect(all.use('')).toBeUndefined()
    expect(all.use('__proto__')).toBeUndefined()
  })

  test('makes room for new ones when there are too many', () => {
    const all = sessions()
    const first = all.start('ana')
    const second = all.start('ana')
    for (let more = 0; more < 99; more += 1) all.start('bob')
    expect(all.use(first)).toBeUndefined()
    expect(all.use(second)).toBeDefined()
  })
})

describe('wrong tokens', () => {
  test('make an address wait after ten within a minute, and no other address', () => {
    let now = 0
    const attempts = new Attempts(() => now)
    for (let count = 0; count < 10; count += 1) {
      expect(attempts.waitMs('a')).toBe(0)
      attempts.failed('a')
      now += 1000
    }
    expect(attempts.waitMs('a')).toBe(50_000)
    expect(attempts.waitMs('b')).toBe(0)
    now = 60_000
    expect(attempts.waitMs('a')).toBe(0)
  })

  test('from very many addresses at once make new addresses wait', () => {
    let now = 0
    const attempts = new Attempts(() => now)
    for (let address = 0; address < 10_000; address += 1) attempts.failed(String(address))
    expect(attempts.waitMs('new')).toBe(60_000)
    expect(attempts.waitMs('5')).toBe(0)
    now = 60_000
    expect(attempts.waitMs('new')).toBe(0)
  })
})

describe('a token', () => {
  test('is random', () => {
    const tokens = Array.from({ length: 20 }, newToken)
    expect(new Set(tokens).size).toBe(20)
    for (const token of tokens) expect(token).toMatch(/^[\w-]{43}$/)
  })

  test('that somebody chose loses the line break of its file', () => {
    expect(chosenToken('0123456789abcdef\n', 'token.txt')).toBe('0123456789abcdef')
  })

  test.each(['', 'short', 'with a space in it, long', '0123456789abcde'])('must not be "%s"', (text) => {
    const choose = (): string => chosenToken(text, 'ALUDEL_WEB_TOKEN')
    expect(choose).toThrow(expect.objectContaining({ code: 'ALUDEL_USAGE' }))
    // It must not get into a log.
    if (text !== '') expect(choose).not.toThrow(expect.objectContaining({ message: expect.stringContaining(text) }))
  })

  test('is compared whole', () => {
    expect(sameSecret('abc', 'abc')).toBe(true)
    for (const other of ['', 'ab', 'abcd', 'abd', 'ABC']) expect(sameSecret(other, 'abc')).toBe(false)
  })
})
