import { Check, Column, Entity, Index, OneToMany } from 'typeorm'
import type { Relation } from 'typeorm'
import { IdColumn } from '../columns/id'
import { InstantColumn } from '../columns/instant'
import { JsonColumn } from '../columns/json'
import type { JsonValue } from '../columns/json'
import { WorkflowState } from '../enums'
import { Checkpoint } from './checkpoint'
import { UpdatedEntity } from './base'
import { ValidationResult } from './validation-result'

/** A piece of work in several steps, which can be paused and resumed. */
@Entity('workflows')
@Index('idx_workflows_state_created', ['state', 'createdAt'])
@Index('idx_workflows_type_state', ['type', 'state'])
@Index('idx_workflows_created_at', ['createdAt'])
@Check('chk_workflows_progress_percent', '"progress_percent" >= 0 AND "progress_percent" <= 100')
export class Workflow extends UpdatedEntity {
  @IdColumn('workflows')
  id!: string

  @Column({ name: 'type', type: 'varchar', length: 50 })
  type!: string

  @Column({
    name: 'state',
    type: 'simple-enum',
    enum: WorkflowState,
    enumName: 'workflow_state',
    default: WorkflowState.Pending,
  })
  state!: WorkflowState

  @JsonColumn({ name: 'input_params', nullable: true })
  inputParams!: JsonValue

  @JsonColumn({ name: 'metadata', nullable: true })
  metadata!: JsonValue

  @Column({ name: 'total_steps', type: 'int', default: 0 })
  totalSteps!: number

  @Column({ name: 'current_step', type: 'int', default: 0 })
  currentStep!: number

  /** 0 to 100. */
  @Column({ name: 'progress_percent', type: 'int', default: 0 })
  progressPercent!: number

  @Column({ name: 'error_message', type: 'text', nullable: true })
  errorMessage!: string | null

  @InstantColumn({ name: 'created_at' })
  createdAt!: Date

  @InstantColumn({ name: 'updated_at' })
  updatedAt!: Date

  @InstantColumn({ name: 'completed_at', nullable: true })
  completedAt!: Date | null

  @OneToMany(() => Checkpoint, (checkpoint) => checkpoint.workflow)
  checkpoints!: Relation<Checkpoint[]>

  @OneToMany(() => ValidationResult, (result) => result.workflow)
  validationResults!: Relation<ValidationResult[]>
}
