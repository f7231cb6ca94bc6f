import { Column, Entity, Index, JoinColumn, ManyToOne } from 'typeorm'
import type { Relation } from 'typeorm'
import { IdColumn, ReferenceColumn } from '../columns/id'
import { InstantColumn } from '../columns/instant'
import { JsonColumn } from '../columns/json'
import type { JsonValue } from '../columns/json'
import { Recommendation } from './recommendation'
import { IdentifiedEntity } from './base'

/** An action on a recommendation. Deleted with it; an entry without a recommendation stays. */
@Entity('audit_logs')
@Index('idx_audit_action', ['action'])
@Index('idx_audit_created', ['createdAt'])
@Index('idx_audit_logs_recommendation_id', ['recommendationId'])
export class AuditLog extends IdentifiedEntity {
  @IdColumn('audit_logs')
  id!: string

  @ReferenceColumn('recommendation_id', { nullable: true })
  recommendationId!: string | null

  @Column({ name: 'action', type: 'varchar', length: 50 })
  action!: string

  @Column({ name: 'actor', type: 'varchar', length: 100, nullable: true })
  actor!: string | null

  @Column({ name: 'actor_type', type: 'varchar', length: 20, nullable: true })
  actorType!: string | null

  @JsonColumn({ name: 'before_state', nullable: true })
  beforeState!: JsonValue

  @JsonColumn({ name: 'after_state', nullable: true })
  afterState!: JsonValue

  @JsonColumn({ name: 'changes', nullable: true })
  changes!: JsonValue

  @Column({ name: 'notes', type: 'text', nullable: true })
  notes!: string | null

  @JsonColumn({ name: 'metadata', nullable: true })
  metadata!: JsonValue

  @InstantColumn({ name: 'created_at' })
  createdAt!: Date

  @ManyToOne(() => Recommendation, (recommendation) => recommendation.auditLogs, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'recommendation_id', foreignKeyConstraintName: 'fk_audit_logs_recommendation_id' })
  recommendation!: Relation<Recommendation> | null
}
