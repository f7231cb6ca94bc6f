import { Column, Entity, Index, Unique } from 'typeorm'
import { IdColumn } from '../columns/id'
import { InstantColumn } from '../columns/instant'
import { JsonColumn } from '../columns/json'
import { ReviewStatus, RiskDecision } from '../enums'
import { UpdatedEntity } from './base'

/** A reviewer's decision about one threat to one component in one analysis. */
@Entity('review_decisions')
@Unique('uq_review_decisions_analysis_id_component_id_threat_id', ['analysisId', 'componentId', 'threatId'])
@Index('idx_review_decisions_component_id', ['componentId'])
@Index('idx_review_decisions_status', ['status'])
export class ReviewDecision extends UpdatedEntity {
  @IdColumn('review_decisions')
  id!: string

  @Column({ name: 'analysis_id', type: 'varchar', length: 100 })
  analysisId!: string

  @Column({ name: 'component_id', type: 'varchar', length: 100 })
  componentId!: string

  @Column({ name: 'threat_id', type: 'varchar', length: 200 })
  threatId!: string

  /** The decision before the review. */
  @Column({ name: 'original_decision', type: 'simple-enum', enum: RiskDecision, enumName: 'risk_decision' })
  originalDecision!: RiskDecision

  /** The decision of the review. */
  @Column({ name: 'final_decision', type: 'simple-enum', enum: RiskDecision, enumName: 'risk_decision' })
  finalDecision!: RiskDecision

  @Column({ name: 'reviewer', type: 'varchar', length: 100 })
  reviewer!: string

  @Column({ name: 'justification', type: 'text' })
  justification!: string

  @Column({ name: 'additional_notes', type: 'text', nullable: true })
  additionalNotes!: string | null

  /** The day of the review as `YYYY-MM-DD`, a calendar date without a time zone. */
  @Column({ name: 'review_date', type: 'date' })
  reviewDate!: string

  @JsonColumn({ name: 'evidence_references', nullable: true })
  evidenceReferences!: string[] | null

  @Column({ name: 'status', type: 'simple-enum', enum: ReviewStatus, enumName: 'review_status' })
  status!: ReviewStatus

  @InstantColumn({ name: 'created_at' })
  createdAt!: Date

  @InstantColumn({ name: 'updated_at' })
  updatedAt!: Date
}
