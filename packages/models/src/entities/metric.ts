import { Column, Entity, Index } from 'typeorm'
import { IdColumn } from '../columns/id'
import { InstantColumn } from '../columns/instant'
import { JsonColumn } from '../columns/json'
import type { JsonValue } from '../columns/json'
import { IdentifiedEntity } from './base'

/** One measured value. */
@Entity('metrics')
@Index('idx_metrics_name_created', ['name', 'createdAt'])
@Index('idx_metrics_created', ['createdAt'])
export class Metric extends IdentifiedEntity {
  @IdColumn('metrics')
  id!: string

  @Column({ name: 'name', type: 'varchar', length: 100 })
  name!: string

  @Column({ name: 'value', type: 'double precision' })
  value!: number

  @JsonColumn({ name: 'metadata', nullable: true })
  metadata!: JsonValue

  @InstantColumn({ name: 'created_at' })
  createdAt!: Date
}
