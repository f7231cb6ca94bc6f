/**
 * `@aludel/models`: eight entities and their enums, for SQLite and PostgreSQL alike.
 *
 * @example
 * import 'reflect-metadata'
 * import { DataSource } from 'typeorm'
 * import { entities, Workflow } from '@aludel/models'
 *
 * const dataSource = new DataSource({ type: 'better-sqlite3', database: 'data/app.db', entities })
 * await dataSource.initialize()
 * await dataSource.getRepository(Workflow).save({ type: 'validation' })
 *
 * @module @aludel/models
 * @packageDocumentation
 */
import 'reflect-metadata'
import { AuditLog } from './entities/audit-log'
import { CacheEntry } from './entities/cache-entry'
import { Checkpoint } from './entities/checkpoint'
import { Metric } from './entities/metric'
import { Recommendation } from './entities/recommendation'
import { ReviewDecision } from './entities/review-decision'
import { ValidationResult } from './entities/validation-result'
import { Workflow } from './entities/workflow'

export { BlobColumn } from './columns/blob'
export { InstantColumn } from './columns/instant'
export { JsonColumn } from './columns/json'
export type { JsonValue } from './columns/json'
export { supportPortableColumns } from './columns/portable'
// Base classes of the entities.
export type { CreatedEntity, IdentifiedEntity, Stamps, UpdatedEntity } from './entities/base'
export { RecommendationStatus, ReviewStatus, RiskDecision, ValidationStatus, WorkflowState } from './enums'
export { AuditLog, CacheEntry, Checkpoint, Metric, Recommendation, ReviewDecision, ValidationResult, Workflow }

/** The seven core entities, in an order in which their tables can be created. */
export const coreEntities = [
  Workflow,
  Checkpoint,
  ValidationResult,
  Recommendation,
  AuditLog,
  CacheEntry,
  Metric,
] as const

/** Every entity, for `new DataSource({ entities })`. */
export const entities = [...coreEntities, ReviewDecision]
