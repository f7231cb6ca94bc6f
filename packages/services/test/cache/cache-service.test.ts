import { setTimeout as wait } from 'node:timers/promises'
import { CacheEntry } from '@aludel/models'
import type { JsonValue } from '@aludel/models'
import { CacheService } from '../../src/index'
import type { CacheCall, CacheOptions } from '../../src/index'
import { dialectNames, openTwice } from '../support/services'
import type { TwoConnections } from '../support/services'

describe.each(dialectNames)('CacheService on %s', (dialect) => {
  let connections: TwoConnections
  let now: Date

  beforeAll(async () => {
    connections = await openTwice(dialect)
  })
  beforeEach(() => {
    now = new Date('2026-03-29T00:00:00Z')
  })
  afterEach(() => connections.dataSource.getRepository(CacheEntry).clear())
  afterAll(() => connections?.close())

  const open = (options: CacheOptions = {}) => new CacheService(connections.dataSource, { now: () => now, ...options })
  const call = (input: JsonValue, methodName = 'outline'): CacheCall => ({ agentId: 'parser', methodName, input })
  const later = (ms: number): void => {
    now = new Date(now.getTime() + ms)
  }
  const rows = () => connections.dataSource.getRepository(CacheEntry).find({ order: { createdAt: 'ASC' } })

  test.each([
    ['an object', { a: [1, null, 'ä'] }],
    ['null', null],
    ['bytes', new Uint8Array([0, 255])],
    ['no bytes', new Uint8Array()],
  ])('returns %s until it expires', async (_, value) => {
    const cache = open({ ttlMs: 1000 })
    expect(await cache.get(call(1))).toBeNull()
    await cache.set(call(1), value)
    later(999)
    const found = await cache.get(call(1))
    if (value instanceof Uint8Array) expect(new Uint8Array(found?.bytes ?? [1])).toEqual(value)
    else expect(found?.json()).toEqual(value)
    later(1)
    expect(await cache.get(call(1))).toBeNull()
  })

  test('tells calls apart, replaces results, and deletes them', async () => {
    const cache = open()
    await cache.set(call({ file: 'a' }), 1)
    await cache.set(call({ file: 'b' }), 2)
    await cache.set(call({ file: 'a' }, 'links'), 3)
    await cache.set({ ...call({ file: 'a' }), agentId: 'other' }, 4)
    await cache.set(call({ file: 'b' }), 5)
    expect((await cache.get(call({ file: 'a' })))?.json()).toBe(1)
    expect((await cache.get(call({ file: 'b' })))?.json()).toBe(5)
    expect((await cache.get(call({ file: 'a' }, 'links')))?.json()).toBe(3)
    expect(await cache.delete(call({ file: 'a' }))).toBe(true)
    expect(await cache.delete(call({ file: 'a' }))).toBe(false)
    expect(await rows()).toHaveLength(3)
  })

  test('computes once for all that ask at the same time, in two processes', async () => {
    let times = 0
    const compute = async (): Promise<JsonValue> => {
      times += 1
      await wait(100)
      return { times }
    }
    const caches = [open(), new CacheService(connections.other, { now: () => now })]
    const found = await Promise.all(
      Array.from({ length: 10 }, (_, index) => (caches[index % 2] ?? open()).getOrCompute(call(1), compute)),
    )
    expect(found.map(({ bytes }) => bytes.toString())).toEqual(Array.from({ length: 10 }, () => '{"times":1}'))
    expect(times).toBe(1)
    const [row] = await rows()
    expect(row).toMatchObject({ sizeBytes: 11, inputHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string })
    expect((await open().getOrCompute(call(1), () => 'again')).json()).toEqual({ times: 1 })
  })

  test('gives the error of a computation to all that wait here, and stores nothing', async () => {
    const cache = open()
    const failing = (): Promise<never> => Promise.reject(new Error('no parser'))
    const calls = [cache.getOrCompute(call(1), failing), cache.getOrCompute(call(1), () => 1)]
    for (const one of await Promise.allSettled(calls)) expect(one).toMatchObject({ reason: { message: 'no parser' } })
    expect(await rows()).toEqual([])
    expect((await cache.getOrCompute(call(1), () => 2)).json()).toBe(2)
  })

  test('takes over from a process that has ended while it computed', async () => {
    const gone = new CacheService(connections.other, { now: () => now })
    // Its clock stands still, and so its signs of life say nothing new.
    const computing: { end?: (value: JsonValue) => void } = {}
    const compute = (): Promise<JsonValue> =>
      new Promise((resolve) => {
        computing.end = resolve
      })
    const theirs = gone.getOrCompute(call(1), compute, { leaseMs: 1_000_000 })
    // The row is there before it knows that it is its own.
    while (computing.end === undefined) await wait(5)
    expect(await open().get(call(1))).toBeNull()
    later(1_000_000)
    expect((await open().getOrCompute(call(1), () => 'mine')).json()).toBe('mine')
    // It was only slow: it gets its own result, and does not store it.
    computing.end('theirs')
    expect((await theirs).json()).toBe('theirs')
    expect((await open().get(call(1)))?.json()).toBe('mine')
  })

  test('does not write when it is read, and writes uses together', async () => {
    const cache = open()
    await cache.set(call(1), 'a')
    const before = await rows()
    later(5000)
    for (let use = 0; use < 3; use += 1) await cache.get(call(1))
    expect(await rows()).toEqual(before)
    await cache.flush()
    expect(await rows()).toMatchObject([{ accessCount: 4, lastAccessed: now }])
    await cache.flush()
    expect(await rows()).toMatchObject([{ accessCount: 4 }])
  })

  test('removes what has expired, in batches', async () => {
    const cache = open()
    for (let index = 0; index < 60; index += 1) await cache.set(call(index), index, { ttlMs: index < 55 ? 10 : 1000 })
    later(10)
    expect(await cache.statistics()).toMatchObject({ entries: 60, expired: 55 })
    expect(await cache.expire()).toBe(55)
    expect(await cache.expire()).toBe(0)
    expect(await cache.statistics()).toMatchObject({ entries: 5, expired: 0 })
  })

  test('removes what was used least recently above a limit', async () => {
    const cache = open()
    for (let index = 0; index < 6; index += 1) {
      await cache.set(call(index), 'x'.repeat(98))
      later(1)
    }
    await cache.get(call(0))
    expect(await cache.evict({ maxEntries: 4 })).toBe(2)
    expect(await cache.get(call(0))).not.toBeNull()
    expect(await cache.get(call(1))).toBeNull()
    expect(await cache.evict({ maxBytes: 250 })).toBe(2)
    expect((await cache.statistics()).bytes).toBe(200)
    expect(await cache.evict({ maxBytes: 250, maxEntries: 2 })).toBe(0)
    expect(await cache.evict()).toBe(0)
  })

  test('tells beforehand what has expired, and what is above a limit without that', async () => {
    const cache = open({ ttlMs: 100 })
    for (let index = 0; index < 3; index += 1) await cache.set(call(index), 'x'.repeat(8))
    later(100)
    for (let index = 3; index < 9; index += 1) {
      await cache.set(call(index), 'x'.repeat(98), { ttlMs: 10_000 })
      later(1)
    }
    expect(await cache.expired()).toEqual({ entries: 3, bytes: 30 })
    expect(await cache.surplus()).toEqual({ entries: 0, bytes: 0 })
    expect(await cache.surplus({ maxEntries: 6, maxBytes: 600 })).toEqual({ entries: 0, bytes: 0 })
    expect(await cache.surplus({ maxEntries: 4 })).toEqual({ entries: 2, bytes: 200 })
    expect(await cache.surplus({ maxBytes: 250 })).toEqual({ entries: 4, bytes: 400 })
    expect(await cache.surplus({ maxBytes: 250, maxEntries: 1 })).toEqual({ entries: 5, bytes: 500 })
    const removed: number[] = []
    expect(await cache.expire({ onProgress: (count) => removed.push(count) })).toBe(3)
    expect(await cache.evict({ maxBytes: 250, maxEntries: 1 }, { onProgress: (count) => removed.push(count) })).toBe(5)
    expect(removed).toEqual([3, 5])
    expect(await cache.expired()).toEqual({ entries: 0, bytes: 0 })
  })

  test('stops after a batch when it is told to', async () => {
    const cache = open({ ttlMs: 100 })
    for (let index = 0; index < 1100; index += 1) await cache.set(call(index), 1)
    later(100)
    const controller = new AbortController()
    expect(await cache.expire({ signal: controller.signal, onProgress: () => controller.abort() })).toBe(500)
    expect((await cache.expired()).entries).toBe(600)
    expect(await cache.evict({ maxEntries: 0 }, { signal: controller.signal })).toBe(500)
    expect(await cache.expire()).toBe(100)
  })

  test('looks after its limits by itself', async () => {
    const cache = open({ maxEntries: 10 })
    for (let index = 0; index < 50; index += 1) {
      await cache.set(call(index), index)
      later(1)
    }
    expect(await cache.statistics()).toMatchObject({ entries: 10 })
    expect((await cache.get(call(49)))?.json()).toBe(49)
  })

  test('counts by agent and method', async () => {
    const cache = open()
    await cache.set(call(1), 'abc')
    await cache.set(call(2), 'abc')
    await cache.set(call(1, 'links'), 'abcdefghijkl')
    await cache.get(call(1))
    expect(await cache.statistics()).toEqual({
      entries: 3,
      bytes: 24,
      expired: 0,
      accesses: 4,
      methods: [
        { agentId: 'parser', methodName: 'links', entries: 1, bytes: 14, accesses: 1 },
        { agentId: 'parser', methodName: 'outline', entries: 2, bytes: 10, accesses: 3 },
      ],
    })
  })

  test('refuses wrong calls, values and times', async () => {
    const cache = open()
    const refused = (message: string) => ({ code: 'ALUDEL_INVALID_VALUE', message })
    await expect(cache.get({ ...call(1), agentId: '' })).rejects.toMatchObject(
      refused('agentId must have 1 to 100 characters, not 0'),
    )
    await expect(cache.set(call(1), undefined as never)).rejects.toMatchObject(
      refused('value is neither bytes nor a JSON value'),
    )
    await expect(cache.set(call(1), 1, { ttlMs: 0 })).rejects.toMatchObject(refused('ttlMs must be more than 0, not 0'))
    expect(await rows()).toEqual([])
  })
})
