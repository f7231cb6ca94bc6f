import { Column, Entity, Index, JoinColumn, ManyToOne } from 'typeorm'
import type { Relation } from 'typeorm'
import { BlobColumn } from '../columns/blob'
import { IdColumn, ReferenceColumn } from '../columns/id'
import { InstantColumn } from '../columns/instant'
import { IdentifiedEntity } from './base'
import { Workflow } from './workflow'

/** A saved state of a workflow, from which it can resume. Deleted with its workflow. */
@Entity('checkpoints')
@Index('idx_checkpoints_workflow_step', ['workflowId', 'stepNumber'])
export class Checkpoint extends IdentifiedEntity {
  @IdColumn('checkpoints')
  id!: string

  @ReferenceColumn('workflow_id')
  workflowId!: string

  @Column({ name: 'name', type: 'varchar', length: 100 })
  name!: string

  @Column({ name: 'step_number', type: 'int' })
  stepNumber!: number

  @BlobColumn({ name: 'state_data', nullable: true })
  stateData!: Buffer | null

  @Column({ name: 'validation_hash', type: 'varchar', length: 32, nullable: true })
  validationHash!: string | null

  @Column({ name: 'can_resume_from', type: 'boolean', default: true })
  canResumeFrom!: boolean

  @InstantColumn({ name: 'created_at' })
  createdAt!: Date

  @ManyToOne(() => Workflow, (workflow) => workflow.checkpoints, { onDelete: 'CASCADE', nullable: false })
  @JoinColumn({ name: 'workflow_id', foreignKeyConstraintName: 'fk_checkpoints_workflow_id' })
  workflow!: Relation<Workflow>
}
