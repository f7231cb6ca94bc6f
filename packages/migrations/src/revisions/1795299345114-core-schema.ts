import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * core schema
 *
 * create enum recommendation_status (proposed, pending, approved, rejected, applied), on postgres only
 * create enum validation_status (pass, fail, warning, skipped, approved, rejected, enhanced), on postgres only
 * create enum workflow_state (pending, running, paused, completed, failed, cancelled), on postgres only
 * create table workflows: 12 columns, 3 indexes
 * create table validation_results: 18 columns, 7 indexes, 2 foreign keys
 * create table recommendations: 23 columns, 4 indexes, 1 foreign key
 * create table audit_logs: 11 columns, 3 indexes, 1 foreign key
 * create table cache_entries: 10 columns, 2 indexes
 * create table checkpoints: 8 columns, 1 index, 1 foreign key
 * create table metrics: 5 columns, 2 indexes
 */
export class CoreSchema1795299345114 implements MigrationInterface {
  static readonly revision = 'b7087ab96498'
  static readonly downRevision = null
  static readonly effects = {
    sqlite: {
      up: { statements: '6af59ca61c49' },
      down: {
        statements: '5ff73d0a3656',
        destroys: {
          metrics: ['all rows of metrics'],
          checkpoints: ['all rows of checkpoints'],
          cache_entries: ['all rows of cache_entries'],
          audit_logs: ['all rows of audit_logs'],
          recommendations: ['all rows of recommendations'],
          validation_results: ['all rows of validation_results'],
          workflows: ['all rows of workflows'],
        },
      },
    },
    postgres: {
      up: { statements: '2eb3cf104852' },
      down: {
        statements: '23e85e1c0019',
        destroys: {
          metrics: ['all rows of metrics'],
          checkpoints: ['all rows of checkpoints'],
          cache_entries: ['all rows of cache_entries'],
          audit_logs: ['all rows of audit_logs'],
          recommendations: ['all rows of recommendations'],
          validation_results: ['all rows of validation_results'],
          workflows: ['all rows of workflows'],
        },
        locks: [
          'ACCESS EXCLUSIVE checkpoints',
          'ACCESS EXCLUSIVE audit_logs',
          'ACCESS EXCLUSIVE recommendations',
          'ACCESS EXCLUSIVE validation_results',
          'ACCESS EXCLUSIVE metrics',
          'ACCESS EXCLUSIVE cache_entries',
          'ACCESS EXCLUSIVE workflows',
        ],
      },
    },
  }

  async up(queryRunner: QueryRunner): Promise<void> {
    switch (queryRunner.connection.options.type as string) {
      case 'better-sqlite3':
      case 'sqlite':
        // workflows: create table
        await queryRunner.query(`CREATE TABLE "workflows" (
  "id" varchar(36) PRIMARY KEY NOT NULL,
  "type" varchar(50) NOT NULL,
  "state" varchar CHECK ("state" IN ('pending', 'running', 'paused', 'completed', 'failed', 'cancelled')) NOT NULL DEFAULT 'pending',
  "input_params" text,
  "metadata" text,
  "total_steps" integer NOT NULL DEFAULT 0,
  "current_step" integer NOT NULL DEFAULT 0,
  "progress_percent" integer NOT NULL DEFAULT 0,
  "error_message" text,
  "created_at" datetime NOT NULL,
  "updated_at" datetime NOT NULL,
  "completed_at" datetime,
  CONSTRAINT "chk_workflows_progress_percent" CHECK ("progress_percent" >= 0 AND "progress_percent" <= 100)
)`)
        await queryRunner.query(`CREATE INDEX "idx_workflows_created_at" ON "workflows" ("created_at")`)
        await queryRunner.query(`CREATE INDEX "idx_workflows_state_created" ON "workflows" ("state", "created_at")`)
        await queryRunner.query(`CREATE INDEX "idx_workflows_type_state" ON "workflows" ("type", "state")`)
        // validation_results: create table
        await queryRunner.query(`CREATE TABLE "validation_results" (
  "id" varchar(36) PRIMARY KEY NOT NULL,
  "workflow_id" varchar(36),
  "file_path" varchar(1024),
  "rules_applied" text,
  "validation_results" text,
  "validation_types" text,
  "parent_validation_id" varchar(36),
  "comparison_data" text,
  "notes" text,
  "severity" varchar(20),
  "status" varchar CHECK ("status" IN ('pass', 'fail', 'warning', 'skipped', 'approved', 'rejected', 'enhanced')) NOT NULL DEFAULT 'pass',
  "content_hash" varchar(64),
  "ast_hash" varchar(64),
  "run_id" varchar(64),
  "file_hash" varchar(64),
  "version_number" integer NOT NULL DEFAULT 1,
  "created_at" datetime NOT NULL,
  "updated_at" datetime NOT NULL,
  CONSTRAINT "fk_validation_results_parent_validation_id" FOREIGN KEY ("parent_validation_id") REFERENCES "validation_results" ("id") ON DELETE SET NULL,
  CONSTRAINT "fk_validation_results_workflow_id" FOREIGN KEY ("workflow_id") REFERENCES "workflows" ("id") ON DELETE SET NULL
)`)
        await queryRunner.query(`CREATE INDEX "idx_validation_created" ON "validation_results" ("created_at")`)
        await queryRunner.query(`CREATE INDEX "idx_validation_file_severity" ON "validation_results" ("file_path", "severity")`)
        await queryRunner.query(`CREATE INDEX "idx_validation_file_status" ON "validation_results" ("file_path", "status")`)
        await queryRunner.query(`CREATE INDEX "idx_validation_results_content_hash" ON "validation_results" ("content_hash")`)
        await queryRunner.query(`CREATE INDEX "idx_validation_results_file_hash" ON "validation_results" ("file_hash")`)
        await queryRunner.query(`CREATE INDEX "idx_validation_results_run_id" ON "validation_results" ("run_id")`)
        await queryRunner.query(`CREATE INDEX "idx_validation_results_workflow_id" ON "validation_results" ("workflow_id")`)
        // recommendations: create table
        await queryRunner.query(`CREATE TABLE "recommendations" (
  "id" varchar(36) PRIMARY KEY NOT NULL,
  "validation_id" varchar(36) NOT NULL,
  "type" varchar(50) NOT NULL,
  "title" varchar(200) NOT NULL,
  "description" text,
  "scope" varchar(200),
  "instruction" text,
  "rationale" text,
  "severity" varchar(20) DEFAULT 'medium',
  "original_content" text,
  "proposed_content" text,
  "diff" text,
  "confidence" double precision NOT NULL DEFAULT 0,
  "priority" varchar(20) DEFAULT 'medium',
  "status" varchar CHECK ("status" IN ('proposed', 'pending', 'approved', 'rejected', 'applied')) NOT NULL DEFAULT 'pending',
  "reviewed_by" varchar(100),
  "reviewed_at" datetime,
  "review_notes" text,
  "applied_at" datetime,
  "applied_by" varchar(100),
  "metadata" text,
  "created_at" datetime NOT NULL,
  "updated_at" datetime NOT NULL,
  CONSTRAINT "chk_recommendations_confidence" CHECK ("confidence" >= 0 AND "confidence" <= 1),
  CONSTRAINT "fk_recommendations_validation_id" FOREIGN KEY ("validation_id") REFERENCES "validation_results" ("id") ON DELETE CASCADE
)`)
        await queryRunner.query(`CREATE INDEX "idx_recommendations_created_at" ON "recommendations" ("created_at")`)
        await queryRunner.query(`CREATE INDEX "idx_recommendations_status" ON "recommendations" ("status")`)
        await queryRunner.query(`CREATE INDEX "idx_recommendations_type" ON "recommendations" ("type")`)
        await queryRunner.query(`CREATE INDEX "idx_recommendations_validation" ON "recommendations" ("validation_id", "status")`)
        // audit_logs: create table
        await queryRunner.query(`CREATE TABLE "audit_logs" (
  "id" varchar(36) PRIMARY KEY NOT NULL,
  "recommendation_id" varchar(36),
  "action" varchar(50) NOT NULL,
  "actor" varchar(100),
  "actor_type" varchar(20),
  "before_state" text,
  "after_state" text,
  "changes" text,
  "notes" text,
  "metadata" text,
  "created_at" datetime NOT NULL,
  CONSTRAINT "fk_audit_logs_recommendation_id" FOREIGN KEY ("recommendation_id") REFERENCES "recommendations" ("id") ON DELETE CASCADE
)`)
        await queryRunner.query(`CREATE INDEX "idx_audit_action" ON "audit_logs" ("action")`)
        await queryRunner.query(`CREATE INDEX "idx_audit_created" ON "audit_logs" ("created_at")`)
        await queryRunner.query(`CREATE INDEX "idx_audit_logs_recommendation_id" ON "audit_logs" ("recommendation_id")`)
        // cache_entries: create table
        await queryRunner.query(`CREATE TABLE "cache_entries" (
  "cache_key" varchar(200) PRIMARY KEY NOT NULL,
  "agent_id" varchar(100) NOT NULL,
  "method_name" varchar(100) NOT NULL,
  "input_hash" varchar(64) NOT NULL,
  "result_data" blob,
  "expires_at" datetime NOT NULL,
  "access_count" integer NOT NULL DEFAULT 1,
  "last_accessed" datetime,
  "size_bytes" integer,
  "created_at" datetime NOT NULL
)`)
        await queryRunner.query(`CREATE INDEX "idx_cache_agent_method" ON "cache_entries" ("agent_id", "method_name")`)
        await queryRunner.query(`CREATE INDEX "idx_cache_expires" ON "cache_entries" ("expires_at")`)
        // checkpoints: create table
        await queryRunner.query(`CREATE TABLE "checkpoints" (
  "id" varchar(36) PRIMARY KEY NOT NULL,
  "workflow_id" varchar(36) NOT NULL,
  "name" varchar(100) NOT NULL,
  "step_number" integer NOT NULL,
  "state_data" blob,
  "validation_hash" varchar(32),
  "can_resume_from" boolean NOT NULL DEFAULT 1,
  "created_at" datetime NOT NULL,
  CONSTRAINT "fk_checkpoints_workflow_id" FOREIGN KEY ("workflow_id") REFERENCES "workflows" ("id") ON DELETE CASCADE
)`)
        await queryRunner.query(`CREATE INDEX "idx_checkpoints_workflow_step" ON "checkpoints" ("workflow_id", "step_number")`)
        // metrics: create table
        await queryRunner.query(`CREATE TABLE "metrics" (
  "id" varchar(36) PRIMARY KEY NOT NULL,
  "name" varchar(100) NOT NULL,
  "value" double precision NOT NULL,
  "metadata" text,
  "created_at" datetime NOT NULL
)`)
        await queryRunner.query(`CREATE INDEX "idx_metrics_created" ON "metrics" ("created_at")`)
        await queryRunner.query(`CREATE INDEX "idx_metrics_name_created" ON "metrics" ("name", "created_at")`)
        break
      case 'postgres':
        // create enum recommendation_status (proposed, pending, approved, rejected, applied)
        await queryRunner.query(`CREATE TYPE "recommendation_status" AS ENUM ('proposed', 'pending', 'approved', 'rejected', 'applied')`)
        // create enum validation_status (pass, fail, warning, skipped, approved, rejected, enhanced)
        await queryRunner.query(`CREATE TYPE "validation_status" AS ENUM ('pass', 'fail', 'warning', 'skipped', 'approved', 'rejected', 'enhanced')`)
        // create enum workflow_state (pending, running, paused, completed, failed, cancelled)
        await queryRunner.query(`CREATE TYPE "workflow_state" AS ENUM ('pending', 'running', 'paused', 'completed', 'failed', 'cancelled')`)
        // workflows: create table
        await queryRunner.query(`CREATE TABLE "workflows" (
  "id" character varying(36) NOT NULL,
  "type" character varying(50) NOT NULL,
  "state" "workflow_state" NOT NULL DEFAULT 'pending'::workflow_state,
  "input_params" jsonb,
  "metadata" jsonb,
  "total_steps" integer NOT NULL DEFAULT 0,
  "current_step" integer NOT NULL DEFAULT 0,
  "progress_percent" integer NOT NULL DEFAULT 0,
  "error_message" text,
  "created_at" timestamp with time zone NOT NULL,
  "updated_at" timestamp with time zone NOT NULL,
  "completed_at" timestamp with time zone,
  CONSTRAINT "pk_workflows" PRIMARY KEY ("id"),
  CONSTRAINT "chk_workflows_progress_percent" CHECK (progress_percent >= 0 AND progress_percent <= 100)
)`)
        await queryRunner.query(`CREATE INDEX "idx_workflows_created_at" ON "workflows" ("created_at")`)
        await queryRunner.query(`CREATE INDEX "idx_workflows_state_created" ON "workflows" ("state", "created_at")`)
        await queryRunner.query(`CREATE INDEX "idx_workflows_type_state" ON "workflows" ("type", "state")`)
        // validation_results: create table
        await queryRunner.query(`CREATE TABLE "validation_results" (
  "id" character varying(36) NOT NULL,
  "workflow_id" character varying(36),
  "file_path" character varying(1024),
  "rules_applied" jsonb,
  "validation_results" jsonb,
  "validation_types" jsonb,
  "parent_validation_id" character varying(36),
  "comparison_data" jsonb,
  "notes" text,
  "severity" character varying(20),
  "status" "validation_status" NOT NULL DEFAULT 'pass'::validation_status,
  "content_hash" character varying(64),
  "ast_hash" character varying(64),
  "run_id" character varying(64),
  "file_hash" character varying(64),
  "version_number" integer NOT NULL DEFAULT 1,
  "created_at" timestamp with time zone NOT NULL,
  "updated_at" timestamp with time zone NOT NULL,
  CONSTRAINT "pk_validation_results" PRIMARY KEY ("id")
)`)
        await queryRunner.query(`CREATE INDEX "idx_validation_created" ON "validation_results" ("created_at")`)
        await queryRunner.query(`CREATE INDEX "idx_validation_file_severity" ON "validation_results" ("file_path", "severity")`)
        await queryRunner.query(`CREATE INDEX "idx_validation_file_status" ON "validation_results" ("file_path", "status")`)
        await queryRunner.query(`CREATE INDEX "idx_validation_results_content_hash" ON "validation_results" ("content_hash")`)
        await queryRunner.query(`CREATE INDEX "idx_validation_results_file_hash" ON "validation_results" ("file_hash")`)
        await queryRunner.query(`CREATE INDEX "idx_validation_results_run_id" ON "validation_results" ("run_id")`)
        await queryRunner.query(`CREATE INDEX "idx_validation_results_workflow_id" ON "validation_results" ("workflow_id")`)
        // recommendations: create table
        await queryRunner.query(`CREATE TABLE "recommendations" (
  "id" character varying(36) NOT NULL,
  "validation_id" character varying(36) NOT NULL,
  "type" character varying(50) NOT NULL,
  "title" character varying(200) NOT NULL,
  "description" text,
  "scope" character varying(200),
  "instruction" text,
  "rationale" text,
  "severity" character varying(20) DEFAULT 'medium'::character varying,
  "original_content" text,
  "proposed_content" text,
  "diff" text,
  "confidence" double precision NOT NULL DEFAULT '0'::double precision,
  "priority" character varying(20) DEFAULT 'medium'::character varying,
  "status" "recommendation_status" NOT NULL DEFAULT 'pending'::recommendation_status,
  "reviewed_by" character varying(100),
  "reviewed_at" timestamp with time zone,
  "review_notes" text,
  "applied_at" timestamp with time zone,
  "applied_by" character varying(100),
  "metadata" jsonb,
  "created_at" timestamp with time zone NOT NULL,
  "updated_at" timestamp with time zone NOT NULL,
  CONSTRAINT "pk_recommendations" PRIMARY KEY ("id"),
  CONSTRAINT "chk_recommendations_confidence" CHECK (confidence >= 0::double precision AND confidence <= 1::double precision)
)`)
        await queryRunner.query(`CREATE INDEX "idx_recommendations_created_at" ON "recommendations" ("created_at")`)
        await queryRunner.query(`CREATE INDEX "idx_recommendations_status" ON "recommendations" ("status")`)
        await queryRunner.query(`CREATE INDEX "idx_recommendations_type" ON "recommendations" ("type")`)
        await queryRunner.query(`CREATE INDEX "idx_recommendations_validation" ON "recommendations" ("validation_id", "status")`)
        // audit_logs: create table
        await queryRunner.query(`CREATE TABLE "audit_logs" (
  "id" character varying(36) NOT NULL,
  "recommendation_id" character varying(36),
  "action" character varying(50) NOT NULL,
  "actor" character varying(100),
  "actor_type" character varying(20),
  "before_state" jsonb,
  "after_state" jsonb,
  "changes" jsonb,
  "notes" text,
  "metadata" jsonb,
  "created_at" timestamp with time zone NOT NULL,
  CONSTRAINT "pk_audit_logs" PRIMARY KEY ("id")
)`)
        await queryRunner.query(`CREATE INDEX "idx_audit_action" ON "audit_logs" ("action")`)
        await queryRunner.query(`CREATE INDEX "idx_audit_created" ON "audit_logs" ("created_at")`)
        await queryRunner.query(`CREATE INDEX "idx_audit_logs_recommendation_id" ON "audit_logs" ("recommendation_id")`)
        // cache_entries: create table
        await queryRunner.query(`CREATE TABLE "cache_entries" (
  "cache_key" character varying(200) NOT NULL,
  "agent_id" character varying(100) NOT NULL,
  "method_name" character varying(100) NOT NULL,
  "input_hash" character varying(64) NOT NULL,
  "result_data" bytea,
  "expires_at" timestamp with time zone NOT NULL,
  "access_count" integer NOT NULL DEFAULT 1,
  "last_accessed" timestamp with time zone,
  "size_bytes" integer,
  "created_at" timestamp with time zone NOT NULL,
  CONSTRAINT "pk_cache_entries" PRIMARY KEY ("cache_key")
)`)
        await queryRunner.query(`CREATE INDEX "idx_cache_agent_method" ON "cache_entries" ("agent_id", "method_name")`)
        await queryRunner.query(`CREATE INDEX "idx_cache_expires" ON "cache_entries" ("expires_at")`)
        // checkpoints: create table
        await queryRunner.query(`CREATE TABLE "checkpoints" (
  "id" character varying(36) NOT NULL,
  "workflow_id" character varying(36) NOT NULL,
  "name" character varying(100) NOT NULL,
  "step_number" integer NOT NULL,
  "state_data" bytea,
  "validation_hash" character varying(32),
  "can_resume_from" boolean NOT NULL DEFAULT true,
  "created_at" timestamp with time zone NOT NULL,
  CONSTRAINT "pk_checkpoints" PRIMARY KEY ("id")
)`)
        await queryRunner.query(`CREATE INDEX "idx_checkpoints_workflow_step" ON "checkpoints" ("workflow_id", "step_number")`)
        // metrics: create table
        await queryRunner.query(`CREATE TABLE "metrics" (
  "id" character varying(36) NOT NULL,
  "name" character varying(100) NOT NULL,
  "value" double precision NOT NULL,
  "metadata" jsonb,
  "created_at" timestamp with time zone NOT NULL,
  CONSTRAINT "pk_metrics" PRIMARY KEY ("id")
)`)
        await queryRunner.query(`CREATE INDEX "idx_metrics_created" ON "metrics" ("created_at")`)
        await queryRunner.query(`CREATE INDEX "idx_metrics_name_created" ON "metrics" ("name", "created_at")`)
        // validation_results: add foreign key (parent_validation_id), add foreign key (workflow_id)
        await queryRunner.query(`ALTER TABLE "validation_results"
  ADD CONSTRAINT "fk_validation_results_parent_validation_id" FOREIGN KEY ("parent_validation_id")
    REFERENCES "validation_results" ("id") ON DELETE SET NULL`)
        await queryRunner.query(`ALTER TABLE "validation_results"
  ADD CONSTRAINT "fk_validation_results_workflow_id" FOREIGN KEY ("workflow_id")
    REFERENCES "workflows" ("id") ON DELETE SET NULL`)
        // recommendations: add foreign key (validation_id)
        await queryRunner.query(`ALTER TABLE "recommendations"
  ADD CONSTRAINT "fk_recommendations_validation_id" FOREIGN KEY ("validation_id")
    REFERENCES "validation_results" ("id") ON DELETE CASCADE`)
        // audit_logs: add foreign key (recommendation_id)
        await queryRunner.query(`ALTER TABLE "audit_logs"
  ADD CONSTRAINT "fk_audit_logs_recommendation_id" FOREIGN KEY ("recommendation_id")
    REFERENCES "recommendations" ("id") ON DELETE CASCADE`)
        // checkpoints: add foreign key (workflow_id)
        await queryRunner.query(`ALTER TABLE "checkpoints"
  ADD CONSTRAINT "fk_checkpoints_workflow_id" FOREIGN KEY ("workflow_id")
    REFERENCES "workflows" ("id") ON DELETE CASCADE`)
        break
      default:
        throw new Error(`revision b7087ab96498 has no statements for ${queryRunner.connection.options.type}`)
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    switch (queryRunner.connection.options.type as string) {
      case 'better-sqlite3':
      case 'sqlite':
        // metrics: drop table
        await queryRunner.query(`DROP TABLE "metrics"`)
        // checkpoints: drop table
        await queryRunner.query(`DROP TABLE "checkpoints"`)
        // cache_entries: drop table
        await queryRunner.query(`DROP TABLE "cache_entries"`)
        // audit_logs: drop table
        await queryRunner.query(`DROP TABLE "audit_logs"`)
        // recommendations: drop table
        await queryRunner.query(`DROP TABLE "recommendations"`)
        // validation_results: drop table
        await queryRunner.query(`DROP TABLE "validation_results"`)
        // workflows: drop table
        await queryRunner.query(`DROP TABLE "workflows"`)
        break
      case 'postgres':
        // checkpoints: drop foreign key (workflow_id)
        await queryRunner.query(`ALTER TABLE "checkpoints" DROP CONSTRAINT "fk_checkpoints_workflow_id"`)
        // audit_logs: drop foreign key (recommendation_id)
        await queryRunner.query(`ALTER TABLE "audit_logs" DROP CONSTRAINT "fk_audit_logs_recommendation_id"`)
        // recommendations: drop foreign key (validation_id)
        await queryRunner.query(`ALTER TABLE "recommendations" DROP CONSTRAINT "fk_recommendations_validation_id"`)
        // validation_results: drop foreign key (workflow_id), drop foreign key (parent_validation_id)
        await queryRunner.query(`ALTER TABLE "validation_results" DROP CONSTRAINT "fk_validation_results_workflow_id"`)
        await queryRunner.query(`ALTER TABLE "validation_results" DROP CONSTRAINT "fk_validation_results_parent_validation_id"`)
        // metrics: drop table
        await queryRunner.query(`DROP TABLE "metrics"`)
        // checkpoints: drop table
        await queryRunner.query(`DROP TABLE "checkpoints"`)
        // cache_entries: drop table
        await queryRunner.query(`DROP TABLE "cache_entries"`)
        // audit_logs: drop table
        await queryRunner.query(`DROP TABLE "audit_logs"`)
        // recommendations: drop table
        await queryRunner.query(`DROP TABLE "recommendations"`)
        // validation_results: drop table
        await queryRunner.query(`DROP TABLE "validation_results"`)
        // workflows: drop table
        await queryRunner.query(`DROP TABLE "workflows"`)
        // drop enum workflow_state
        await queryRunner.query(`DROP TYPE "workflow_state"`)
        // drop enum validation_status
        await queryRunner.query(`DROP TYPE "validation_status"`)
        // drop enum recommendation_status
        await queryRunner.query(`DROP TYPE "recommendation_status"`)
        break
      default:
        throw new Error(`revision b7087ab96498 has no statements for ${queryRunner.connection.options.type}`)
    }
  }
}
