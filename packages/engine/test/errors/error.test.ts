import { AludelError, type ErrorCode, isAludelError, type LockHolder } from '../../src'

const holder: LockHolder = {
  kind: 'lease',
  owner: 'deploy@ci',
  pid: 4242,
  since: '2026-11-27T10:00:00Z',
  ageMs: 1000,
  live: true,
}

describe('an AludelError', () => {
  test('has the kind of its code, its help, its details and its cause', () => {
    const cause = new Error('below')
    const error = new AludelError('ALUDEL_LOCKED', 'busy', { help: 'Wait.', details: { ...holder }, cause })
    expect(error).toMatchObject({ code: 'ALUDEL_LOCKED', kind: 'locked', help: 'Wait.', details: holder, cause })
  })

  test('has empty details, no help and no cause if none are given', () => {
    const error = new AludelError('ALUDEL_LOCK_LOST', 'gone')
    expect(error.details).toEqual({})
    expect('help' in error).toBe(false)
    expect('cause' in error).toBe(false)
  })

  test('does not compile with details that its code does not define, or without required ones', () => {
    const wrong = [
      // @ts-expect-error free is a number of bytes
      new AludelError('ALUDEL_DISK_SPACE', 'full', { details: { folder: '/', free: '1 MB', needed: 2 } }),
      // @ts-expect-error there is no such key
      new AludelError('ALUDEL_UNKNOWN_REVISION', 'unknown', { details: { revision: 'zz', file: 'a.ts' } }),
      // @ts-expect-error revision is missing
      new AludelError('ALUDEL_UNKNOWN_REVISION', 'unknown', { details: {} }),
      // @ts-expect-error details are missing
      new AludelError('ALUDEL_UNKNOWN_REVISION', 'unknown', { help: 'See history.' }),
      // @ts-expect-error options are missing
      new AludelError('ALUDEL_UNKNOWN_REVISION', 'unknown'),
    ]
    expect(wrong).toHaveLength(5)
  })
})

describe('isAludelError', () => {
  const thrown: unknown = new AludelError('ALUDEL_LOCKED', 'busy', { details: { ...holder } })

  test('narrows the details to the type of the given code', () => {
    if (!isAludelError(thrown, 'ALUDEL_LOCKED')) throw new Error('it has that code')
    const owner: string | null | undefined = thrown.details.owner
    expect(owner).toBe('deploy@ci')
  })

  test('returns false for another code, and true if one of several codes matches', () => {
    expect(isAludelError(thrown, 'ALUDEL_LOCK_LOST')).toBe(false)
    expect(isAludelError(thrown, 'ALUDEL_LOCK_LOST', 'ALUDEL_LOCKED')).toBe(true)
  })

  test('without a code returns true for an error of another copy of the package, and false for other errors', () => {
    const foreign = Object.assign(new Error('busy'), { name: 'AludelError', code: 'ALUDEL_LOCKED' satisfies ErrorCode })
    expect(isAludelError(foreign)).toBe(true)
    expect(isAludelError(Object.assign(new Error('busy'), { code: 'ALUDEL_LOCKED' }))).toBe(false)
    expect(isAludelError('ALUDEL_LOCKED')).toBe(false)
  })
})
