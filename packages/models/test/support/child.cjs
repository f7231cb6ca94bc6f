/**
 * Runs in a separate process and changes its time zone: in each zone, it writes instants and dates to each database, and reads
 * all that were written so far. Prints the values as JSON.
 */
const { DataSource } = require('typeorm')
const { CacheEntry, ReviewDecision, entities } = require('../../src/index.ts')

async function main() {
  const { databases, zones, instants, dates } = JSON.parse(process.argv[2])
  const read = []
  for (const zone of zones) {
    // Node passes the change on to V8 and the C library.
    process.env.TZ = zone
    for (const options of databases) read.push({ zone, ...(await writeAndRead(options, zone, instants, dates)) })
  }
  console.log(JSON.stringify(read))
}

async function writeAndRead(options, zone, instants, dates) {
  const dataSource = await new DataSource({ ...options, entities }).initialize()
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
  return {
    dialect: options.type,
    offset: new Date('2025-07-01T00:00:00Z').getTimezoneOffset(),
    instants: entries.map((each) => [each.cacheKey, each.expiresAt.toISOString(), each.lastAccessed.toISOString()]),
    dates: decisions.map((each) => [`${each.analysisId} ${each.threatId}`, each.reviewDate]),
  }
}

main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
