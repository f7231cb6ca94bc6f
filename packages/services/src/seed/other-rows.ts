import { ReviewStatus, RiskDecision } from '@aludel/models'
import type { SeedPlan } from './plan'
import { kinds, Random, sha256 } from './random'
import type { SeedRow } from './row'
import { filePathAt } from './validations'
import { agents, justifications, methods, metrics, people, threats } from './words'

const hour = 3_600_000

export function* cacheRows(plan: SeedPlan): Iterable<SeedRow> {
  for (let index = 0; index < plan.cacheEntries; index += 1) {
    const random = new Random(plan.key, kinds.cache, index)
    const agentId = random.pick(agents)
    const methodName = random.pick(methods)
    const input = { file: filePathAt(plan.key, index % plan.files), version: Math.floor(index / plan.files) + 1 }
    const inputHash = sha256(JSON.stringify(input))
    const length = random.between(1, 60)
    const resultData = Buffer.from(JSON.stringify({ items: Array.from({ length }, () => random.hex(8)) }))
    const createdAt = timeAt(plan, index, plan.cacheEntries, random)
    // Between an hour and thirty days.
    const lifetime = random.between(hour, 720 * hour)
    yield {
      cacheKey: sha256(JSON.stringify([agentId, methodName, inputHash])),
      agentId,
      methodName,
      inputHash,
      resultData,
      expiresAt: new Date(createdAt + lifetime),
      accessCount: 1 + Math.floor(40 * random.share() ** 3),
      lastAccessed: new Date(createdAt + Math.floor(Math.min(lifetime, plan.end - createdAt) * random.share())),
      sizeBytes: resultData.length,
      createdAt: new Date(createdAt),
    }
  }
}

export function* metricRows(plan: SeedPlan): Iterable<SeedRow> {
  for (let index = 0; index < plan.metrics; index += 1) {
    const random = new Random(plan.key, kinds.metric, index)
    const [name, typical, scatter] = random.pick(metrics)
    yield {
      id: random.uuid(),
      name,
      // More values near the typical one.
      value: Math.round((typical + scatter * (random.share() + random.share() - 1)) * 1000) / 1000,
      metadata: random.chance(0.5) ? { host: `worker-${String(random.between(1, 6))}` } : null,
      createdAt: new Date(timeAt(plan, index, plan.metrics, random)),
    }
  }
}

const perComponent = threats.length
const perAnalysis = 8 * perComponent

export function* reviewRows(plan: SeedPlan): Iterable<SeedRow> {
  const decisions = Object.values(RiskDecision) as [RiskDecision, ...RiskDecision[]]
  for (let index = 0; index < plan.reviews; index += 1) {
    const random = new Random(plan.key, kinds.review, index)
    const analysis = Math.floor(index / perAnalysis)
    const time = timeAt(
      plan,
      analysis,
      Math.ceil(plan.reviews / perAnalysis),
      new Random(plan.key, kinds.review, analysis),
    )
    const ofAnalysis = new Random(plan.key, kinds.review, 2 ** 40 + analysis)
    const createdAt = new Date(time)
    const originalDecision = random.pick(decisions)
    const status = random.weighted([
      [ReviewStatus.Completed, 80],
      [ReviewStatus.InProgress, 12],
      [ReviewStatus.Pending, 8],
    ])
    yield {
      id: random.uuid(),
      analysisId: `analysis_${createdAt.toISOString().slice(0, 10).replaceAll('-', '')}_${ofAnalysis.hex(8)}`,
      componentId: `ECU${String(Math.floor((index % perAnalysis) / perComponent) + 1).padStart(3, '0')}`,
      threatId: threats[index % perComponent] ?? threats[0],
      originalDecision,
      finalDecision: random.chance(0.7) ? originalDecision : random.pick(decisions),
      reviewer: random.pick(people),
      justification: random.pick(justifications),
      additionalNotes: random.chance(0.2) ? 'Look again in autumn.' : null,
      reviewDate: createdAt.toISOString().slice(0, 10),
      evidenceReferences: random.chance(0.4) ? [`EV-${String(random.between(1, 999)).padStart(3, '0')}`] : null,
      status,
      createdAt,
      updatedAt: createdAt,
    }
  }
}

/** Rows that belong to no other one are spread over the whole time, in its order. */
function timeAt({ start, end }: SeedPlan, index: number, count: number, random: Random): number {
  return start + Math.floor(((end - start) * (index + 0.9 * random.share())) / Math.max(1, count))
}
