import { Column, Entity, Index, PrimaryColumn } from 'typeorm'
import { BlobColumn } from '../columns/blob'
import { InstantColumn } from '../columns/instant'
import { CreatedEntity } from './base'

/** The cached result of an agent's method, until it expires. */
@Entity('cache_entries')
@Index('idx_cache_expires', ['expiresAt'])
@Index('idx_cache_agent_method', ['agentId', 'methodName'])
export class CacheEntry extends CreatedEntity {
  @PrimaryColumn({ name: 'cache_key', type: 'varchar', length: 200, primaryKeyConstraintName: 'pk_cache_entries' })
  cacheKey!: string

  @Column({ name: 'agent_id', type: 'varchar', length: 100 })
  agentId!: string

  @Column({ name: 'method_name', type: 'varchar', length: 100 })
  methodName!: string

  @Column({ name: 'input_hash', type: 'varchar', length: 64 })
  inputHash!: string

  @BlobColumn({ name: 'result_data', nullable: true })
  resultData!: Buffer | null

  @InstantColumn({ name: 'expires_at' })
  expiresAt!: Date

  @Column({ name: 'access_count', type: 'int', default: 1 })
  accessCount!: number

  @InstantColumn({ name: 'last_accessed', nullable: true })
  lastAccessed!: Date | null

  @Column({ name: 'size_bytes', type: 'int', nullable: true })
  sizeBytes!: number | null

  @InstantColumn({ name: 'created_at' })
  createdAt!: Date
}
