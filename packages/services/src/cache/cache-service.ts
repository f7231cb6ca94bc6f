import { createHash, randomBytes } from 'node:crypto'
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises'
import { CacheEntry } from '@aludel/models'
import type { JsonValue } from '@aludel/models'
import type { EntityManager, SelectQueryBuilder } from 'typeorm'
import { hasLength } from '../audit/audit-log-service'
import type { BatchOptions } from '../batches'
import { InvalidValueError } from '../errors'
import { atomically, managerOf } from '../source'
import type { Source } from '../source'

/** A call whose result is cached. */
export interface CacheCall {
  /** 1 to 100 characters. */
  readonly agentId: string
  /** 1 to 100 characters. */
  readonly methodName: string
  /** What the result depends on, besides agent and method. */
  readonly input: JsonValue | Uint8Array
}

/** Options of a {@link CacheService}. */
export interface CacheOptions {
  /** How long a result stays, in milliseconds. Default is an hour. */
  readonly ttlMs?: number
  /** Results that were used least recently are removed above this. Default is no limit. */
  readonly maxBytes?: number
  /** The same, for the number of results. */
  readonly maxEntries?: number
  /** Default is the clock of this process. */
  readonly now?: () => Date
}

/** Options of {@link CacheService.getOrCompute}. */
export interface ComputeOptions {
  readonly ttlMs?: number
  /**
   * After how many milliseconds without a sign of life another process takes over from one that computes. Default is 30,000: a
   * process that computes for longer gives a sign.
   */
  readonly leaseMs?: number
}

/** A cached result. */
export interface CachedValue {
  /** The bytes that were stored; the text of a JSON value. */
  readonly bytes: Buffer
  /** The value that was stored. @throws SyntaxError if it was bytes */
  json(): JsonValue
}

/** Limits of what is cached. */
export type CacheLimits = Pick<CacheOptions, 'maxBytes' | 'maxEntries'>

/** A part of what is cached. */
export interface CacheAmount {
  readonly entries: number
  readonly bytes: number
}

/** What is cached. */
export interface CacheStatistics {
  /** Results, those that have expired among them. */
  readonly entries: number
  readonly bytes: number
  readonly expired: number
  /** How often results were stored or used. */
  readonly accesses: number
  /** The methods with the most bytes first. */
  readonly methods: readonly {
    readonly agentId: string
    readonly methodName: string
    readonly entries: number
    readonly bytes: number
    readonly accesses: number
  }[]
}

/** Rows of one statement that deletes. */
const batchSize = 500
/** Keys that are read at once where all rows must be sorted for it. */
const mostPerScan = 20_000
/** Uses that are counted in memory before they are written. */
const mostUncounted = 500
/** How often a limit is looked after: sums of a large table are not for every write. */
const setsPerLook = 50
/** The greatest pause of somebody who waits for another process. */
const longestPauseMs = 500

/**
 * Results of expensive calls, until they expire.
 *
 * Uses are counted in memory and written from time to time, and by {@link flush}: reading does not write.
 *
 * @example
 * const cache = new CacheService(dataSource, { ttlMs: 60_000, maxBytes: 100_000_000 })
 * const call = { agentId: 'parser', methodName: 'outline', input: { file: 'a.md', hash } }
 * const outline = (await cache.getOrCompute(call, () => parse(file))).json()
 */
export class CacheService {
  readonly #source: Source
  readonly #options: CacheOptions
  readonly #computing = new Map<string, Promise<CachedValue>>()
  #uses = new Map<string, { count: number; last: Date }>()
  #sets = 0

  /** @param source a `DataSource`, initialized, or the manager of a transaction; with the entities of `@aludel/models` */
  constructor(source: Source, options: CacheOptions = {}) {
    this.#source = source
    this.#options = options
  }

  /** The result of a call; null if there is none, or it has expired. */
  async get(call: CacheCall): Promise<CachedValue | null> {
    return this.#read(identify(call).key)
  }

  /** Stores the result of a call, in place of an earlier one. @throws {InvalidValueError} */
  async set(
    call: CacheCall,
    value: JsonValue | Uint8Array,
    { ttlMs }: Pick<ComputeOptions, 'ttlMs'> = {},
  ): Promise<void> {
    const { key, hash } = identify(call)
    const bytes = bytesOf(value)
    await this.#insert({ ...call, key, hash, bytes, expiresAt: this.#expiry(ttlMs) }, true)
    await this.#lookAfterLimits()
  }

  /**
   * The result of a call, which is computed if there is none: once, however many ask for it at the same time, in this process and in
   * others. If it fails, all that have waited in this process get its error, and nothing is stored.
   *
   * @param compute may run again elsewhere if this process ends meanwhile
   */
  async getOrCompute(
    call: CacheCall,
    compute: () => Promise<JsonValue | Uint8Array> | JsonValue | Uint8Array,
    options: ComputeOptions = {},
  ): Promise<CachedValue> {
    const { key } = identify(call)
    const running = this.#computing.get(key)
    if (running !== undefined) return running
    const started = this.#findOrCompute(call, compute, options).finally(() => this.#computing.delete(key))
    this.#computing.set(key, started)
    return started
  }

  /** Removes the result of a call. @returns whether there was one */
  async delete(call: CacheCall): Promise<boolean> {
    const { affected } = await managerOf(this.#source).delete(CacheEntry, { cacheKey: identify(call).key })
    return affected === 1
  }

  /** Writes the uses that were counted since. Call it before the process ends. */
  async flush(): Promise<void> {
    const uses = [...this.#uses].toSorted(([a], [b]) => (a < b ? -1 : 1))
    this.#uses = new Map()
    if (uses.length === 0) return
    await atomically(this.#source, async (manager) => {
      for (const [cacheKey, { count, last }] of uses)
        await manager
          .createQueryBuilder()
          .update(CacheEntry)
          .set({ accessCount: () => '"access_count" + :count', lastAccessed: last })
          .where({ cacheKey })
          .setParameter('count', count)
          .execute()
    })
  }

  /** Removes what has expired, a few hundred at a time. @returns how many */
  async expire({ onProgress, signal }: BatchOptions = {}): Promise<number> {
    let removed = 0
    for (;;) {
      const keys = await this.#keys((query) =>
        // In the order of the index: otherwise PostgreSQL would read the table from its beginning for each batch.
        query.where('entry.expiresAt <= :now', { now: this.#now() }).orderBy('entry.expiresAt'),
      )
      removed += await this.#remove(keys)
      if (keys.length > 0) onProgress?.(removed)
      // SQLite works without a pause; a signal is noticed in one.
      await turn()
      if (keys.length < batchSize || signal?.aborted === true) return removed
    }
  }

  /** What {@link expire} would remove now. */
  async expired(): Promise<CacheAmount> {
    return this.#amount((query) => query.where('entry.expiresAt <= :now', { now: this.#now() }))
  }

  /**
   * What {@link evict} would remove now, once what has expired is gone.
   *
   * @param limits default: those of the options
   */
  async surplus(limits: CacheLimits = this.#options): Promise<CacheAmount> {
    const { maxBytes = Infinity, maxEntries = Infinity } = limits
    const left = await this.#amount((query) =>
      query.where('entry.sizeBytes IS NOT NULL AND entry.expiresAt > :now', { now: this.#now() }),
    )
    const tooMany = Math.max(0, left.entries - maxEntries)
    const tooLarge = Math.max(0, left.bytes - maxBytes)
    if (tooMany === 0 && tooLarge === 0) return { entries: 0, bytes: 0 }
    const manager = managerOf(this.#source)
    const order = 'ORDER BY COALESCE(entry.lastAccessed, entry.createdAt), entry.cacheKey'
    const ranked = manager
      .createQueryBuilder()
      .subQuery()
      .select('entry.sizeBytes', 'size')
      .addSelect(`ROW_NUMBER() OVER (${order}) - 1`, 'earlier')
      .addSelect(`SUM(entry.sizeBytes) OVER (${order}) - entry.sizeBytes`, 'gone')
      .from(CacheEntry, 'entry')
      .where('entry.sizeBytes IS NOT NULL AND entry.expiresAt > :now', { now: this.#now() })
    const row = await manager
      .createQueryBuilder()
      .select('COUNT(*)', 'entries')
      .addSelect('COALESCE(SUM(ranked.size), 0)', 'bytes')
      .from(ranked.getQuery(), 'ranked')
      .setParameters({ ...ranked.getParameters(), tooMany, tooLarge })
      .where('ranked.earlier < :tooMany OR ranked.gone < :tooLarge')
      .getRawOne<{ entries: string; bytes: string }>()
    return { entries: Number(row?.entries), bytes: Number(row?.bytes) }
  }

  /**
   * Removes the results that were used least recently, until no limit is exceeded.
   *
   * @param limits default: those of the options
   * @returns how many
   */
  async evict(limits: CacheLimits = this.#options, { onProgress, signal }: BatchOptions = {}): Promise<number> {
    const { maxBytes = Infinity, maxEntries = Infinity } = limits
    if (maxBytes === Infinity && maxEntries === Infinity) return 0
    await this.flush()
    let removed = 0
    // Each scan sorts all rows, so that a large surplus is read in large parts.
    for (let scan = batchSize; ; scan = Math.min(4 * scan, mostPerScan)) {
      const { entries, bytes } = await this.#size()
      let [tooMany, tooLarge] = [entries - maxEntries, bytes - maxBytes]
      if (tooMany <= 0 && tooLarge <= 0) return removed
      const oldest: { key: string; size: string | number | null }[] = await managerOf(this.#source)
        .createQueryBuilder(CacheEntry, 'entry')
        .select('entry.cacheKey', 'key')
        .addSelect('entry.sizeBytes', 'size')
        .where('entry.sizeBytes IS NOT NULL')
        .orderBy('COALESCE(entry.lastAccessed, entry.createdAt)', 'ASC')
        .addOrderBy('entry.cacheKey', 'ASC')
        .limit(scan)
        .getRawMany()
      const keys: string[] = []
      for (const { key, size } of oldest) {
        if (tooMany <= 0 && tooLarge <= 0) break
        keys.push(key)
        tooMany -= 1
        tooLarge -= Number(size)
      }
      // Others remove them, too.
      if (keys.length === 0) return removed
      for (let start = 0; start < keys.length; start += batchSize) {
        removed += await this.#remove(keys.slice(start, start + batchSize))
        onProgress?.(removed)
        await turn()
        if (signal?.aborted === true) return removed
      }
    }
  }

  /** What is cached, by agent and method. */
  async statistics(): Promise<CacheStatistics> {
    await this.flush()
    const rows: Record<'agent' | 'method' | 'entries' | 'bytes' | 'accesses' | 'expired', string>[] = await managerOf(
      this.#source,
    )
      .createQueryBuilder(CacheEntry, 'entry')
      .select('entry.agentId', 'agent')
      .addSelect('entry.methodName', 'method')
      .addSelect('COUNT(*)', 'entries')
      .addSelect('SUM(entry.sizeBytes)', 'bytes')
      .addSelect('SUM(entry.accessCount)', 'accesses')
      .addSelect('SUM(CASE WHEN entry.expiresAt <= :now THEN 1 ELSE 0 END)', 'expired')
      .where('entry.sizeBytes IS NOT NULL')
      .setParameter('now', this.#now())
      .groupBy('entry.agentId')
      .addGroupBy('entry.methodName')
      .getRawMany()
    const methods = rows
      .map((row) => ({
        agentId: row.agent,
        methodName: row.method,
        entries: Number(row.entries),
        bytes: Number(row.bytes),
        accesses: Number(row.accesses),
      }))
      .toSorted((a, b) => b.bytes - a.bytes)
    const total = (name: 'entries' | 'bytes' | 'accesses'): number => methods.reduce((sum, one) => sum + one[name], 0)
    return {
      entries: total('entries'),
      bytes: total('bytes'),
      expired: rows.reduce((sum, { expired }) => sum + Number(expired), 0),
      accesses: total('accesses'),
      methods,
    }
  }

  async #findOrCompute(
    call: CacheCall,
    compute: () => Promise<JsonValue | Uint8Array> | JsonValue | Uint8Array,
    { ttlMs, leaseMs = 30_000 }: ComputeOptions,
  ): Promise<CachedValue> {
    const { key, hash } = identify(call)
    // A row without a result says that somebody computes it; who, is in the place of the hash.
    const claim = randomBytes(32).toString('hex')
    for (let pauseMs = 10; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      const known = await this.#read(key)
      if (known !== null) return known
      const manager = managerOf(this.#source)
      await manager
        .createQueryBuilder()
        .delete()
        .from(CacheEntry)
        .where('cacheKey = :key AND expiresAt <= :now', { key, now: this.#now() })
        .execute()
      await this.#insert({ ...call, key, hash: claim, bytes: null, expiresAt: this.#in(leaseMs) }, false)
      const found = await manager.findOne(CacheEntry, {
        where: { cacheKey: key },
        select: { cacheKey: true, inputHash: true },
      })
      if (found?.inputHash === claim) break
      await wait(pauseMs)
    }
    // What computes keeps the process alive; its signs do not.
    const alive = setInterval(() => void this.#extend(key, claim, leaseMs), leaseMs / 3).unref()
    try {
      const bytes = bytesOf(await compute())
      await managerOf(this.#source)
        .createQueryBuilder()
        .update(CacheEntry)
        .set({
          resultData: bytes,
          sizeBytes: bytes.length,
          inputHash: hash,
          expiresAt: this.#expiry(ttlMs),
          lastAccessed: this.#now(),
        })
        .where('cacheKey = :key AND inputHash = :claim', { key, claim })
        .execute()
      await this.#lookAfterLimits()
      return valueOf(bytes)
    } catch (error) {
      await managerOf(this.#source).delete(CacheEntry, { cacheKey: key, inputHash: claim })
      throw error
    } finally {
      clearInterval(alive)
    }
  }

  async #extend(cacheKey: string, inputHash: string, leaseMs: number): Promise<void> {
    try {
      await managerOf(this.#source).update(CacheEntry, { cacheKey, inputHash }, { expiresAt: this.#in(leaseMs) })
    } catch {
      // The next sign may arrive; without any, another process computes it, too.
    }
  }

  async #read(key: string): Promise<CachedValue | null> {
    const now = this.#now()
    const found = await managerOf(this.#source)
      .createQueryBuilder(CacheEntry, 'entry')
      .select(['entry.cacheKey', 'entry.resultData'])
      .where('entry.cacheKey = :key AND entry.expiresAt > :now AND entry.sizeBytes IS NOT NULL', { key, now })
      .getOne()
    if (found === null) return null
    const use = this.#uses.get(key)
    this.#uses.set(key, { count: (use?.count ?? 0) + 1, last: now })
    if (this.#uses.size >= mostUncounted) await this.flush()
    return valueOf(found.resultData ?? Buffer.alloc(0))
  }

  async #insert(
    row: CacheCall & { key: string; hash: string; bytes: Buffer | null; expiresAt: Date },
    replace: boolean,
  ): Promise<void> {
    const now = this.#now()
    const values = {
      cacheKey: row.key,
      agentId: row.agentId,
      methodName: row.methodName,
      inputHash: row.hash,
      resultData: row.bytes,
      sizeBytes: row.bytes?.length ?? null,
      expiresAt: row.expiresAt,
      accessCount: 1,
      lastAccessed: now,
      createdAt: now,
    }
    const query = managerOf(this.#source)
      .createQueryBuilder()
      .insert()
      .into(CacheEntry)
      .values(values)
      .updateEntity(false)
    const columns = [
      'input_hash',
      'result_data',
      'size_bytes',
      'expires_at',
      'access_count',
      'last_accessed',
      'created_at',
    ]
    await (replace ? query.orUpdate(columns, ['cache_key']) : query.orIgnore()).execute()
  }

  async #lookAfterLimits(): Promise<void> {
    this.#sets += 1
    if (this.#sets % setsPerLook === 0) await this.evict()
  }

  async #size(): Promise<{ entries: number; bytes: number }> {
    const row = await managerOf(this.#source)
      .createQueryBuilder(CacheEntry, 'entry')
      .select('COUNT(entry.sizeBytes)', 'entries')
      .addSelect('COALESCE(SUM(entry.sizeBytes), 0)', 'bytes')
      .getRawOne<{ entries: string; bytes: string }>()
    return { entries: Number(row?.entries), bytes: Number(row?.bytes) }
  }

  async #keys(filter: (query: ReturnType<typeof selectKeys>) => unknown): Promise<string[]> {
    const query = selectKeys(managerOf(this.#source))
    filter(query)
    const rows: { key: string }[] = await query.limit(batchSize).getRawMany()
    return rows.map(({ key }) => key)
  }

  async #amount(filter: (query: SelectQueryBuilder<CacheEntry>) => unknown): Promise<CacheAmount> {
    const query = managerOf(this.#source)
      .createQueryBuilder(CacheEntry, 'entry')
      .select('COUNT(*)', 'entries')
      .addSelect('COALESCE(SUM(entry.sizeBytes), 0)', 'bytes')
    filter(query)
    const row = await query.getRawOne<{ entries: string; bytes: string }>()
    return { entries: Number(row?.entries), bytes: Number(row?.bytes) }
  }

  async #remove(keys: readonly string[]): Promise<number> {
    if (keys.length === 0) return 0
    const { affected } = await managerOf(this.#source).delete(CacheEntry, [...keys])
    return affected ?? 0
  }

  #now(): Date {
    return this.#options.now?.() ?? new Date()
  }

  #in(ms: number): Date {
    return new Date(this.#now().getTime() + ms)
  }

  #expiry(ttlMs = this.#options.ttlMs ?? 3_600_000): Date {
    if (!(ttlMs > 0)) throw new InvalidValueError('ttlMs', `must be more than 0, not ${ttlMs}`)
    return this.#in(ttlMs)
  }
}

function selectKeys(manager: EntityManager) {
  return manager.createQueryBuilder(CacheEntry, 'entry').select('entry.cacheKey', 'key')
}

/** @throws {InvalidValueError} */
function identify({ agentId, methodName, input }: CacheCall): { readonly key: string; readonly hash: string } {
  hasLength('agentId', agentId, 1, 100)
  hasLength('methodName', methodName, 1, 100)
  const hash = sum(bytesOf(input))
  return { key: sum(Buffer.from(JSON.stringify([agentId, methodName, hash]))), hash }
}

function bytesOf(value: JsonValue | Uint8Array): Buffer {
  if (value instanceof Uint8Array) return Buffer.from(value)
  const text = JSON.stringify(value) as string | undefined
  if (text === undefined) throw new InvalidValueError('value', 'is neither bytes nor a JSON value')
  return Buffer.from(text)
}

function valueOf(bytes: Buffer): CachedValue {
  return { bytes, json: () => JSON.parse(bytes.toString()) as JsonValue }
}

function sum(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
