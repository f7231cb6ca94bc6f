import { ReviewStatus, RecommendationStatus, RiskDecision, ValidationStatus, WorkflowState } from '@aludel/models'
import type { DataSource } from 'typeorm'
import {
  AuditLogService,
  CacheService,
  CheckpointService,
  MetricService,
  RecommendationService,
  ReviewService,
  ValidationService,
  WorkflowService,
  browseReviews,
  exportReviews,
  importReviews,
  listReviews,
  readStatistics,
} from '../../src/index'
import type { Page, PageOptions, Review } from '../../src/index'
import { checkpointsPerWorkflow, idOf, timeOf } from './fill'

/** Calls of each method, by name; several of one method where filters make other statements. */
export type Calls = Readonly<Record<string, () => Promise<unknown>>>

/** What the calls work with. */
export interface Setting {
  readonly dataSource: DataSource
  /** Rows of each table. */
  readonly rows: number
  /** A folder with review files. */
  readonly reviews: string
  /** An empty folder. */
  readonly empty: string
}

export const services = [
  AuditLogService,
  CacheService,
  CheckpointService,
  MetricService,
  RecommendationService,
  ReviewService,
  ValidationService,
  WorkflowService,
]

/** A list, and the part after it. */
async function twoPages<T>(read: (page: PageOptions) => Promise<Page<T>>): Promise<void> {
  const { next } = await read({ limit: 5 })
  if (next === null) throw new Error('the list has no second part')
  await read({ limit: 5, after: next })
}

const decision = (number: number): Review => ({
  analysisId: 'analysis 7',
  componentId: 'component x',
  threatId: `threat ${number}`,
  originalDecision: RiskDecision.Mitigate,
  finalDecision: RiskDecision.Accept,
  reviewer: 'Ana Duarte',
  justification: 'Fine.',
  reviewDate: '2025-04-20',
})

/** Every method of every service. They change few rows, so that later ones find the tables as they were. */
export function callsOf({ dataSource, rows, reviews: folder, empty }: Setting): Calls {
  const audit = new AuditLogService(dataSource)
  const cache = new CacheService(dataSource, { now: () => timeOf(rows - 700) })
  const checkpoints = new CheckpointService(dataSource)
  const metrics = new MetricService(dataSource)
  const recommendations = new RecommendationService(dataSource)
  const reviews = new ReviewService(dataSource)
  const validations = new ValidationService(dataSource)
  const workflows = new WorkflowService(dataSource)
  const actor = { actor: 'Ana Duarte' }
  const call = { agentId: 'agent 1', methodName: 'method 1', input: 'x' }
  const [day, end] = [new Date(timeOf(rows).getTime() - 86_400_000), timeOf(rows + 1)]
  const running = async (): Promise<string> => {
    const { id } = await workflows.create({ type: 'validation', totalSteps: 9 })
    await workflows.start(id)
    return id
  }
  const proposed = async (): Promise<string> =>
    (await recommendations.propose(idOf(1001), { type: 'link', title: 'Mend it' }, actor)).id
  return {
    'WorkflowService.create': () => workflows.create({ type: 'validation' }),
    'WorkflowService.get': () => workflows.get(idOf(1000)),
    'WorkflowService.start': running,
    'WorkflowService.advance': async () => workflows.advance(await running()),
    'WorkflowService.pause': async () => workflows.pause(await running()),
    'WorkflowService.resume': async () => {
      const id = await running()
      await workflows.pause(id)
      await workflows.resume(id)
    },
    'WorkflowService.complete': async () => workflows.complete(await running()),
    'WorkflowService.fail': async () => workflows.fail(await running(), 'out of paper'),
    'WorkflowService.cancel': async () => workflows.cancel(await running()),
    'WorkflowService.list': () => twoPages((page) => workflows.list(page)),
    'WorkflowService.list, by state': () =>
      twoPages((page) => workflows.list({ state: WorkflowState.Running, ...page })),
    'WorkflowService.list, by type': () => twoPages((page) => workflows.list({ type: 'report', ...page })),
    'WorkflowService.list, by both': () =>
      twoPages((page) => workflows.list({ state: WorkflowState.Failed, type: 'report', ...page })),
    'WorkflowService.statistics': () => workflows.statistics(),
    'WorkflowService.statistics, by type': () => workflows.statistics({ type: 'report' }),
    'WorkflowService.delete': async () => workflows.delete(await running()),

    'CheckpointService.save': () => checkpoints.save(idOf(1000), { name: 'parsed', state: { line: 1 } }),
    'CheckpointService.list': () => checkpoints.list(idOf(1000)),
    'CheckpointService.latest': () => checkpoints.latest(idOf(1000)),
    'CheckpointService.load': () => checkpoints.load(idOf(1000)),
    'CheckpointService.resume': async () => {
      const id = await running()
      const saved = await checkpoints.save(id, { name: 'parsed', state: 1 })
      await workflows.pause(id)
      await checkpoints.resume(saved.id)
    },
    'CheckpointService.prune': async () => {
      for (const name of ['a', 'b', 'c', 'd']) await checkpoints.save(idOf(2000), { name, state: 1, stepNumber: 9 })
      await checkpoints.prune({ keep: checkpointsPerWorkflow + 1 })
    },
    'CheckpointService.prune, of one workflow': () =>
      checkpoints.prune({ keep: checkpointsPerWorkflow, before: end, workflowId: idOf(1000) }),

    'ValidationService.record': () => validations.record({ filePath: 'docs/77', content: 'x', repeats: true }),
    'ValidationService.get': () => validations.get(idOf(1000)),
    'ValidationService.latest': () => validations.latest('docs/77'),
    'ValidationService.list': () => twoPages((page) => validations.list(page)),
    'ValidationService.list, of a file': () => twoPages((page) => validations.list({ filePath: 'docs/78', ...page })),
    'ValidationService.list, by status': () =>
      twoPages((page) => validations.list({ status: ValidationStatus.Fail, ...page })),
    'ValidationService.list, by severity': () => twoPages((page) => validations.list({ severity: 'high', ...page })),
    'ValidationService.list, of a file by status and severity': () =>
      validations.list({ filePath: 'docs/78', status: ValidationStatus.Pass, severity: 'low', limit: 1 }),
    'ValidationService.list, of a run': () => twoPages((page) => validations.list({ runId: 'run-5', ...page })),
    'ValidationService.list, of a workflow': () => validations.list({ workflowId: idOf(77), limit: 2 }),
    'ValidationService.withoutRecommendations': () => twoPages((page) => validations.withoutRecommendations(page)),
    'ValidationService.withoutRecommendations, of a run': () =>
      twoPages((page) => validations.withoutRecommendations({ runId: 'run-5', ...page })),
    'ValidationService.withoutRecommendations, by status': () =>
      twoPages((page) => validations.withoutRecommendations({ status: ValidationStatus.Fail, ...page })),
    'ValidationService.compare': () => validations.compare(idOf(1000), idOf(1001)),
    'ValidationService.counts': () => validations.counts(),
    'ValidationService.counts, of a run': () => validations.counts({ runId: 'run-5' }),
    'ValidationService.trend': () => validations.trend({ interval: 'hour', from: day, to: end }),

    'RecommendationService.propose': proposed,
    'RecommendationService.get': () => recommendations.get(idOf(1000)),
    'RecommendationService.list': () => twoPages((page) => recommendations.list(page)),
    'RecommendationService.list, by status': () =>
      twoPages((page) => recommendations.list({ status: RecommendationStatus.Pending, ...page })),
    'RecommendationService.list, by type': () => twoPages((page) => recommendations.list({ type: 'link', ...page })),
    'RecommendationService.list, of a validation': () => recommendations.list({ validationId: idOf(1001), limit: 1 }),
    'RecommendationService.approve': async () => recommendations.approve(await proposed(), actor),
    'RecommendationService.reject': async () => recommendations.reject(await proposed(), actor),
    'RecommendationService.apply': async () => {
      const id = await proposed()
      await recommendations.approve(id, actor)
      await recommendations.apply(id, actor)
    },
    'RecommendationService.all': async () =>
      recommendations.all('approve', [await proposed(), await proposed()], actor),
    'RecommendationService.edit': async () => recommendations.edit(await proposed(), { title: 'Mend the link' }, actor),
    'RecommendationService.delete': async () => recommendations.delete(await proposed(), actor),

    'AuditLogService.record': () => audit.record({ action: 'look', recommendationId: idOf(1000), ...actor }),
    'AuditLogService.find': () => twoPages((page) => audit.find(page)),
    'AuditLogService.find, by action': () => twoPages((page) => audit.find({ action: 'apply', ...page })),
    'AuditLogService.find, by actor': () => twoPages((page) => audit.find({ actor: 'reviewer 7', ...page })),
    'AuditLogService.find, of a recommendation': () => audit.find({ recommendationId: idOf(1000), limit: 1 }),
    'AuditLogService.find, by time': () => twoPages((page) => audit.find({ from: day, to: end, ...page })),
    'AuditLogService.count': () => audit.count(),
    'AuditLogService.count, by time': () => audit.count({ from: day, to: end }),
    'AuditLogService.export': async () => {
      let lines = 0
      for await (const line of audit.export({ from: day, to: end })) lines += line.length > 0 ? 1 : 0
      if (lines < 1000) throw new Error('the export has one part only')
    },
    'AuditLogService.export, by actor': async () => {
      for await (const line of audit.export({ actor: 'reviewer 7' })) if (line !== '') break
    },

    'CacheService.get': () => cache.get(call),
    'CacheService.set': () => cache.set(call, { line: 1 }),
    'CacheService.getOrCompute': () => cache.getOrCompute({ ...call, input: 'y' }, () => 'computed'),
    'CacheService.delete': () => cache.delete({ ...call, input: 'z' }),
    'CacheService.flush': async () => {
      await cache.get(call)
      await cache.flush()
    },
    'CacheService.expire': () => new CacheService(dataSource, { now: () => timeOf(600) }).expire(),
    'CacheService.expired': () => new CacheService(dataSource, { now: () => timeOf(600) }).expired(),
    'CacheService.surplus': () => cache.surplus({ maxEntries: 1 }),
    'CacheService.evict': () => cache.evict({ maxEntries: rows - 700 }),
    'CacheService.statistics': () => cache.statistics(),

    'MetricService.record': () => metrics.record([{ name: 'metric 1', value: 1 }]),
    'MetricService.names': () => metrics.names(),
    'MetricService.aggregate': () =>
      metrics.aggregate('metric 1', { from: day, to: end, everySeconds: 3600, percentiles: [0.5, 0.95] }),
    'MetricService.count': () => metrics.count(),
    'MetricService.count, of a name': () => metrics.count({ name: 'metric 1', before: day }),
    'MetricService.summary': () => metrics.summary(),
    'MetricService.prune': () => metrics.prune(timeOf(1500)),
    'MetricService.prune, of a name': () => metrics.prune(timeOf(2000), { name: 'metric 1' }),

    'ReviewService.get': () =>
      reviews.get({ analysisId: 'analysis 15', componentId: 'component 150', threatId: 'threat 1500' }),
    'ReviewService.findByAnalysis': () => reviews.findByAnalysis('analysis 15'),
    'ReviewService.list': () => twoPages((page) => reviews.list(page)),
    'ReviewService.list, of an analysis': () =>
      twoPages((page) => reviews.list({ analysisId: 'analysis 15', ...page })),
    'ReviewService.list, of a component': () =>
      twoPages((page) => reviews.list({ analysisId: 'analysis 15', componentId: 'component 150', ...page })),
    'ReviewService.list, of a component anywhere': () =>
      twoPages((page) => reviews.list({ componentId: 'component 150', ...page })),
    'ReviewService.list, by status': () => twoPages((page) => reviews.list({ status: 'pending', ...page })),
    'ReviewService.list, by decision': () => twoPages((page) => reviews.list({ finalDecision: 'Avoid', ...page })),
    'ReviewService.list, by reviewer': () => twoPages((page) => reviews.list({ reviewer: 'reviewer 7', ...page })),
    'ReviewService.status': () => reviews.status('analysis 15'),
    'ReviewService.statuses': () => twoPages((page) => reviews.statuses(page)),
    'ReviewService.needsReview': () => reviews.needsReview('analysis 15', []),
    'ReviewService.applyTo': () => reviews.applyTo('analysis 15', { risks: [] }),
    'ReviewService.submit': () => reviews.submit({ ...decision(0), status: ReviewStatus.Pending }),
    'ReviewService.submitBatch': () => reviews.submitBatch([1, 2, 3].map(decision)),
    'ReviewService.submitValid': () => reviews.submitValid([decision(4), { ...decision(5), reviewer: '' }]),
    'ReviewService.exportTo': () => reviews.exportTo(empty, { analysisIds: ['analysis 15'], dryRun: true }),

    readStatistics: () => readStatistics(dataSource),
    browseReviews: async () => {
      const { next } = await browseReviews(dataSource, { limit: 5 })
      await browseReviews(dataSource, { limit: 5, before: next ?? '' })
    },
    'browseReviews, by status': () => browseReviews(dataSource, { status: 'pending' }),
    'browseReviews, by text': () => browseReviews(dataSource, { search: 'threat 1500' }),
    'listReviews, of an analysis': () => listReviews(dataSource, { analysis: 'analysis 15', limit: 5 }),
    exportReviews: () => exportReviews(dataSource, empty, { dryRun: true }),
    importReviews: () => importReviews(dataSource, folder),
    'importReviews, again': () => importReviews(dataSource, folder),
  }
}
