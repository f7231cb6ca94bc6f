import { Column, Entity, Index, JoinColumn, ManyToOne, OneToMany } from 'typeorm'
import type { Relation } from 'typeorm'
import { IdColumn, ReferenceColumn } from '../columns/id'
import { InstantColumn } from '../columns/instant'
import { JsonColumn } from '../columns/json'
import type { JsonValue } from '../columns/json'
import { ValidationStatus } from '../enums'
import { Recommendation } from './recommendation'
import { UpdatedEntity } from './base'
import { Workflow } from './workflow'

/** The result of a validation of a file. Not deleted with its workflow, or with the validation that it repeats. */
@Entity('validation_results')
@Index('idx_validation_file_status', ['filePath', 'status'])
@Index('idx_validation_file_severity', ['filePath', 'severity'])
@Index('idx_validation_created', ['createdAt'])
@Index('idx_validation_results_content_hash', ['contentHash'])
@Index('idx_validation_results_file_hash', ['fileHash'])
@Index('idx_validation_results_run_id', ['runId'])
@Index('idx_validation_results_workflow_id', ['workflowId'])
export class ValidationResult extends UpdatedEntity {
  @IdColumn('validation_results')
  id!: string

  @ReferenceColumn('workflow_id', { nullable: true })
  workflowId!: string | null

  @Column({ name: 'file_path', type: 'varchar', length: 1024, nullable: true })
  filePath!: string | null

  @JsonColumn({ name: 'rules_applied', nullable: true })
  rulesApplied!: JsonValue

  @JsonColumn({ name: 'validation_results', nullable: true })
  validationResults!: JsonValue

  @JsonColumn({ name: 'validation_types', nullable: true })
  validationTypes!: JsonValue

  @ReferenceColumn('parent_validation_id', { nullable: true })
  parentValidationId!: string | null

  @JsonColumn({ name: 'comparison_data', nullable: true })
  comparisonData!: JsonValue

  @Column({ name: 'notes', type: 'text', nullable: true })
  notes!: string | null

  @Column({ name: 'severity', type: 'varchar', length: 20, nullable: true })
  severity!: string | null

  @Column({
    name: 'status',
    type: 'simple-enum',
    enum: ValidationStatus,
    enumName: 'validation_status',
    default: ValidationStatus.Pass,
  })
  status!: ValidationStatus

  @Column({ name: 'content_hash', type: 'varchar', length: 64, nullable: true })
  contentHash!: string | null

  @Column({ name: 'ast_hash', type: 'varchar', length: 64, nullable: true })
  astHash!: string | null

  @Column({ name: 'run_id', type: 'varchar', length: 64, nullable: true })
  runId!: string | null

  @Column({ name: 'file_hash', type: 'varchar', length: 64, nullable: true })
  fileHash!: string | null

  @Column({ name: 'version_number', type: 'int', default: 1 })
  versionNumber!: number

  @InstantColumn({ name: 'created_at' })
  createdAt!: Date

  @InstantColumn({ name: 'updated_at' })
  updatedAt!: Date

  @ManyToOne(() => Workflow, (workflow) => workflow.validationResults, { onDelete: 'SET NULL' })
  @JoinColumn({ name: 'workflow_id', foreignKeyConstraintName: 'fk_validation_results_workflow_id' })
  workflow!: Relation<Workflow> | null

  /** The validation that this one repeats. */
  @ManyToOne(() => ValidationResult, (result) => result.children, { onDelete: 'SET NULL' })
  @JoinColumn({
    name: 'parent_validation_id',
    foreignKeyConstraintName: 'fk_validation_results_parent_validation_id',
  })
  parent!: Relation<ValidationResult> | null

  @OneToMany(() => ValidationResult, (result) => result.parent)
  children!: Relation<ValidationResult[]>

  @OneToMany(() => Recommendation, (recommendation) => recommendation.validation)
  recommendations!: Relation<Recommendation[]>
}
