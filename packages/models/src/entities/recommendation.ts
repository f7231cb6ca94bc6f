import { Check, Column, Entity, Index, JoinColumn, ManyToOne, OneToMany } from 'typeorm'
import type { Relation } from 'typeorm'
import { IdColumn, ReferenceColumn } from '../columns/id'
import { InstantColumn } from '../columns/instant'
import { JsonColumn } from '../columns/json'
import type { JsonValue } from '../columns/json'
import { RecommendationStatus } from '../enums'
import { AuditLog } from './audit-log'
import { UpdatedEntity } from './base'
import { ValidationResult } from './validation-result'

/** A change that a validation proposes, and its state. Deleted with its validation. */
@Entity('recommendations')
@Index('idx_recommendations_status', ['status'])
@Index('idx_recommendations_validation', ['validationId', 'status'])
@Index('idx_recommendations_type', ['type'])
@Index('idx_recommendations_created_at', ['createdAt'])
@Check('chk_recommendations_confidence', '"confidence" >= 0 AND "confidence" <= 1')
export class Recommendation extends UpdatedEntity {
  @IdColumn('recommendations')
  id!: string

  @ReferenceColumn('validation_id')
  validationId!: string

  @Column({ name: 'type', type: 'varchar', length: 50 })
  type!: string

  @Column({ name: 'title', type: 'varchar', length: 200 })
  title!: string

  @Column({ name: 'description', type: 'text', nullable: true })
  description!: string | null

  @Column({ name: 'scope', type: 'varchar', length: 200, nullable: true })
  scope!: string | null

  @Column({ name: 'instruction', type: 'text', nullable: true })
  instruction!: string | null

  @Column({ name: 'rationale', type: 'text', nullable: true })
  rationale!: string | null

  @Column({ name: 'severity', type: 'varchar', length: 20, nullable: true, default: 'medium' })
  severity!: string | null

  @Column({ name: 'original_content', type: 'text', nullable: true })
  originalContent!: string | null

  @Column({ name: 'proposed_content', type: 'text', nullable: true })
  proposedContent!: string | null

  @Column({ name: 'diff', type: 'text', nullable: true })
  diff!: string | null

  /** 0 to 1. */
  @Column({ name: 'confidence', type: 'double precision', default: 0 })
  confidence!: number

  @Column({ name: 'priority', type: 'varchar', length: 20, nullable: true, default: 'medium' })
  priority!: string | null

  @Column({
    name: 'status',
    type: 'simple-enum',
    enum: RecommendationStatus,
    enumName: 'recommendation_status',
    default: RecommendationStatus.Pending,
  })
  status!: RecommendationStatus

  @Column({ name: 'reviewed_by', type: 'varchar', length: 100, nullable: true })
  reviewedBy!: string | null

  @InstantColumn({ name: 'reviewed_at', nullable: true })
  reviewedAt!: Date | null

  @Column({ name: 'review_notes', type: 'text', nullable: true })
  reviewNotes!: string | null

  @InstantColumn({ name: 'applied_at', nullable: true })
  appliedAt!: Date | null

  @Column({ name: 'applied_by', type: 'varchar', length: 100, nullable: true })
  appliedBy!: string | null

  @JsonColumn({ name: 'metadata', nullable: true })
  metadata!: JsonValue

  @InstantColumn({ name: 'created_at' })
  createdAt!: Date

  @InstantColumn({ name: 'updated_at' })
  updatedAt!: Date

  @ManyToOne(() => ValidationResult, (result) => result.recommendations, { onDelete: 'CASCADE', nullable: false })
  @JoinColumn({ name: 'validation_id', foreignKeyConstraintName: 'fk_recommendations_validation_id' })
  validation!: Relation<ValidationResult>

  @OneToMany(() => AuditLog, (log) => log.recommendation)
  auditLogs!: Relation<AuditLog[]>
}
