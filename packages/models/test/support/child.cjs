/**
 * Runs in a process of its own, because a process has one time zone: writes instants and dates, and reads back those that
 * every other process has written. Prints them as JSON.
 */
const { DataSource } = require('typeorm')
const { CacheEntry, ReviewDecision, entities } = require('../../src/index.ts')

async function main() {
  const { options, instants, dates } = JSON.parse(process.argv[2])
  const dataSource = await new DataSource({ ...options, entities }).initialize()
  const zone = process.env.TZ
  for (const iso of instants) {
    const entry = { cacheKey: `${zone} ${iso}`, agentId: 'a', methodName: 'm', inputHash: 'h' }
    await dataSource.getRepository(CacheEntry).save({ ...entry, expiresAt: new Date(iso), lastAccessed: new Date(iso) })
  }
  for (const reviewDate of dates) {
    await dataSource.getRepository(ReviewDecision).save({
      analysisId: zone,
      componentId: 'c',
      threatId: reviewDate,
      originalDecision: 'Accept',
      finalDecision: 'Avoid',
      reviewer: 'r',
      justification: 'j',
      reviewDate,
      status: 'completed',
    })
  }
  const entries = await dataSource.getRepository(CacheEntry).find()
  const decisions = await dataSource.getRepository(ReviewDecision).find()
  await dataSource.destroy()
  console.log(
    JSON.stringify({
      offset: new Date('2025-07-01T00:00:00Z').getTimezoneOffset(),
      instants: entries.map((each) => [each.cacheKey, each.expiresAt.toISOString(), each.lastAccessed.toISOString()]),
      dates: decisions.map((each) => [`${each.analysisId} ${each.threatId}`, each.reviewDate]),
    }),
  )
}

main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
