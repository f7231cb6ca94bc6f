import type { DataSource } from 'typeorm'
import { coreEntities, entities } from '../src/index'
import { dialectNames, sqliteType } from '../../../tools/testing/databases'
import { useTables } from './support/tables'

describe.each(dialectNames)('the schema on %s', (dialect) => {
  let dataSource: DataSource
  useTables(dialect, (opened) => (dataSource = opened))

  test('has eight tables and leaves nothing to synchronize', async () => {
    const tables = dataSource.entityMetadatas.map((each) => each.tableName).sort()
    expect(tables).toEqual([
      'audit_logs',
      'cache_entries',
      'checkpoints',
      'metrics',
      'recommendations',
      'review_decisions',
      'validation_results',
      'workflows',
    ])
    expect(coreEntities).toHaveLength(7)
    const log = await dataSource.driver.createSchemaBuilder().log()
    expect(log.upQueries.map((each) => each.query)).toEqual([])
  })

  test('gives each column the type of the database', async () => {
    expect(await columnsOf(dataSource, 'workflows')).toEqual(
      dialect === 'postgres'
        ? [
            'id character varying(36) not null',
            'type character varying(50) not null',
            "state workflow_state not null = 'pending'::workflow_state",
            'input_params jsonb',
            'metadata jsonb',
            'total_steps integer not null = 0',
            'current_step integer not null = 0',
            'progress_percent integer not null = 0',
            'error_message text',
            'created_at timestamp with time zone not null',
            'updated_at timestamp with time zone not null',
            'completed_at timestamp with time zone',
          ]
        : [
            'id varchar(36) not null',
            'type varchar(50) not null',
            "state varchar not null = 'pending'",
            'input_params text',
            'metadata text',
            'total_steps integer not null = 0',
            'current_step integer not null = 0',
            'progress_percent integer not null = 0',
            'error_message text',
            'created_at datetime not null',
            'updated_at datetime not null',
            'completed_at datetime',
          ],
    )
    expect(await columnsOf(dataSource, 'checkpoints')).toEqual(
      dialect === 'postgres'
        ? [
            'id character varying(36) not null',
            'workflow_id character varying(36) not null',
            'name character varying(100) not null',
            'step_number integer not null',
            'state_data bytea',
            'validation_hash character varying(32)',
            'can_resume_from boolean not null = true',
            'created_at timestamp with time zone not null',
          ]
        : [
            'id varchar(36) not null',
            'workflow_id varchar(36) not null',
            'name varchar(100) not null',
            'step_number integer not null',
            'state_data blob',
            'validation_hash varchar(32)',
            'can_resume_from boolean not null = 1',
            'created_at datetime not null',
          ],
    )
    const review = await columnsOf(dataSource, 'review_decisions')
    expect(review).toEqual(
      dialect === 'postgres'
        ? [
            'id character varying(36) not null',
            'analysis_id character varying(100) not null',
            'component_id character varying(100) not null',
            'threat_id character varying(200) not null',
            'original_decision risk_decision not null',
            'final_decision risk_decision not null',
            'reviewer character varying(100) not null',
            'justification text not null',
            'additional_notes text',
            'review_date date not null',
            'evidence_references jsonb',
            'status review_status not null',
            'created_at timestamp with time zone not null',
            'updated_at timestamp with time zone not null',
          ]
        : [
            'id varchar(36) not null',
            'analysis_id varchar(100) not null',
            'component_id varchar(100) not null',
            'threat_id varchar(200) not null',
            'original_decision varchar not null',
            'final_decision varchar not null',
            'reviewer varchar(100) not null',
            'justification text not null',
            'additional_notes text',
            'review_date date not null',
            'evidence_references text',
            'status varchar not null',
            'created_at datetime not null',
            'updated_at datetime not null',
          ],
    )
    const floats = [...(await columnsOf(dataSource, 'metrics')), ...(await columnsOf(dataSource, 'recommendations'))]
    expect(floats.filter((each) => each.includes('double precision'))).toEqual([
      'value double precision not null',
      `confidence double precision not null = ${dialect === 'postgres' ? "'0'::double precision" : '0'}`,
    ])
  })

  test('gives indexes, constraints and enums the names that both databases share', async () => {
    expect(await indexNames(dataSource)).toEqual([
      'idx_audit_action',
      'idx_audit_created',
      'idx_audit_logs_recommendation_id',
      'idx_cache_agent_method',
      'idx_cache_expires',
      'idx_checkpoints_workflow_step',
      'idx_metrics_created',
      'idx_metrics_name_created',
      'idx_recommendations_created_at',
      'idx_recommendations_status',
      'idx_recommendations_type',
      'idx_recommendations_validation',
      'idx_review_decisions_component_id',
      'idx_review_decisions_status',
      'idx_validation_created',
      'idx_validation_file_severity',
      'idx_validation_file_status',
      'idx_validation_results_content_hash',
      'idx_validation_results_file_hash',
      'idx_validation_results_run_id',
      'idx_validation_results_workflow_id',
      'idx_workflows_created_at',
      'idx_workflows_state_created',
      'idx_workflows_type_state',
    ])
    // TypeORM writes no name for a primary key of one column on SQLite
    const primaryKeys = [
      'pk_audit_logs',
      'pk_cache_entries',
      'pk_checkpoints',
      'pk_metrics',
      'pk_recommendations',
      'pk_review_decisions',
      'pk_validation_results',
      'pk_workflows',
    ]
    expect(await constraintNames(dataSource)).toEqual([
      'chk_recommendations_confidence',
      'chk_workflows_progress_percent',
      'fk_audit_logs_recommendation_id',
      'fk_checkpoints_workflow_id',
      'fk_recommendations_validation_id',
      'fk_validation_results_parent_validation_id',
      'fk_validation_results_workflow_id',
      ...(dialect === 'postgres' ? primaryKeys : []),
      'uq_review_decisions_analysis_id_component_id_threat_id',
    ])
    if (dialect === 'postgres') {
      const rows: { enum: string }[] = await dataSource.query(
        `SELECT t.typname || ': ' || string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder) AS "enum"
           FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid GROUP BY t.typname ORDER BY t.typname`,
      )
      expect(rows.map((row) => row.enum)).toEqual([
        'recommendation_status: proposed, pending, approved, rejected, applied',
        'review_status: pending, in_progress, completed',
        'risk_decision: Accept, Accept with Controls, Transfer, Avoid, Mitigate',
        'validation_status: pass, fail, warning, skipped, approved, rejected, enhanced',
        'workflow_state: pending, running, paused, completed, failed, cancelled',
      ])
    }
  })

  test('keeps its types when its constructor also opens a SQLite data source', async () => {
    const clone = new (dataSource.constructor as typeof DataSource)({
      type: sqliteType,
      database: ':memory:',
      entities,
    })
    await clone.initialize()
    try {
      await clone.synchronize()
      expect(await columnsOf(clone, 'metrics')).toContain('metadata text')
      const own = dataSource.getMetadata('Metric').findColumnWithPropertyName('metadata')
      expect(own?.type).toBe(dialect === 'postgres' ? 'jsonb' : 'simple-json')
    } finally {
      await clone.destroy()
    }
  })
})

async function columnsOf(dataSource: DataSource, table: string): Promise<string[]> {
  const describeColumn = (name: string, type: string, notNull: boolean, byDefault: string | null): string =>
    `${name} ${type}${notNull ? ' not null' : ''}${byDefault === null ? '' : ` = ${byDefault}`}`
  if (dataSource.options.type === 'postgres') {
    const rows: { name: string; type: string; required: boolean; default: string | null }[] = await dataSource.query(
      `SELECT a.attname AS "name", format_type(a.atttypid, a.atttypmod) AS "type", a.attnotnull AS "required",
              pg_get_expr(d.adbin, d.adrelid) AS "default"
         FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
      [table],
    )
    return rows.map((row) => describeColumn(row.name, row.type, row.required, row.default))
  }
  const rows: { name: string; type: string; notnull: number; dflt_value: string | null }[] = await dataSource.query(
    `SELECT name, type, "notnull", dflt_value FROM pragma_table_info(?) ORDER BY cid`,
    [table],
  )
  return rows.map((row) => describeColumn(row.name, row.type.toLowerCase(), row.notnull === 1, row.dflt_value))
}

async function indexNames(dataSource: DataSource): Promise<string[]> {
  const sql =
    dataSource.options.type === 'postgres'
      ? `SELECT c.relname AS "name" FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
          WHERE c.relnamespace = 'public'::regnamespace
            AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid) ORDER BY 1`
      : `SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY 1`
  const rows: { name: string }[] = await dataSource.query(sql)
  return rows.map((row) => row.name).sort()
}

async function constraintNames(dataSource: DataSource): Promise<string[]> {
  if (dataSource.options.type === 'postgres') {
    const rows: { name: string }[] = await dataSource.query(
      `SELECT conname AS "name" FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype IN ('p', 'f', 'u', 'c')`,
    )
    return rows.map((row) => row.name).sort()
  }
  const rows: { sql: string }[] = await dataSource.query(`SELECT sql FROM sqlite_master WHERE type = 'table'`)
  return rows.flatMap((row) => [...row.sql.matchAll(/CONSTRAINT "([^"]+)"/g)].map((match) => match[1] ?? '')).sort()
}
