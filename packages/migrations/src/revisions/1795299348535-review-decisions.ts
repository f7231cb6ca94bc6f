import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * review decisions
 *
 * create enum review_status (pending, in_progress, completed), on postgres only
 * create enum risk_decision (Accept, Accept with Controls, Transfer, Avoid, Mitigate), on postgres only
 * create table review_decisions: 14 columns, 2 indexes
 */
export class ReviewDecisions1795299348535 implements MigrationInterface {
  static readonly revision = 'a6e70699678c'
  static readonly downRevision = 'b7087ab96498'
  static readonly effects = {
    sqlite: {
      up: { statements: 'b586316a2e90' },
      down: { statements: '6b2ff982e5b7', destroys: { review_decisions: ['all rows of review_decisions'] } },
    },
    postgres: {
      up: { statements: 'c969307e9ed3' },
      down: {
        statements: 'b3e4efdddb94',
        destroys: { review_decisions: ['all rows of review_decisions'] },
        locks: ['ACCESS EXCLUSIVE review_decisions'],
      },
    },
  }

  async up(queryRunner: QueryRunner): Promise<void> {
    switch (queryRunner.connection.options.type as string) {
      case 'better-sqlite3':
      case 'sqlite':
        // review_decisions: create table
        await queryRunner.query(`CREATE TABLE "review_decisions" (
  "id" varchar(36) PRIMARY KEY NOT NULL,
  "analysis_id" varchar(100) NOT NULL,
  "component_id" varchar(100) NOT NULL,
  "threat_id" varchar(200) NOT NULL,
  "original_decision" varchar CHECK ("original_decision" IN ('Accept', 'Accept with Controls', 'Transfer', 'Avoid', 'Mitigate')) NOT NULL,
  "final_decision" varchar CHECK ("final_decision" IN ('Accept', 'Accept with Controls', 'Transfer', 'Avoid', 'Mitigate')) NOT NULL,
  "reviewer" varchar(100) NOT NULL,
  "justification" text NOT NULL,
  "additional_notes" text,
  "review_date" date NOT NULL,
  "evidence_references" text,
  "status" varchar CHECK ("status" IN ('pending', 'in_progress', 'completed')) NOT NULL,
  "created_at" datetime NOT NULL,
  "updated_at" datetime NOT NULL,
  CONSTRAINT "uq_review_decisions_analysis_id_component_id_threat_id" UNIQUE ("analysis_id", "component_id", "threat_id")
)`)
        await queryRunner.query(`CREATE INDEX "idx_review_decisions_component_id" ON "review_decisions" ("component_id")`)
        await queryRunner.query(`CREATE INDEX "idx_review_decisions_status" ON "review_decisions" ("status")`)
        break
      case 'postgres':
        // create enum review_status (pending, in_progress, completed)
        await queryRunner.query(`CREATE TYPE "review_status" AS ENUM ('pending', 'in_progress', 'completed')`)
        // create enum risk_decision (Accept, Accept with Controls, Transfer, Avoid, Mitigate)
        await queryRunner.query(`CREATE TYPE "risk_decision" AS ENUM ('Accept', 'Accept with Controls', 'Transfer', 'Avoid', 'Mitigate')`)
        // review_decisions: create table
        await queryRunner.query(`CREATE TABLE "review_decisions" (
  "id" character varying(36) NOT NULL,
  "analysis_id" character varying(100) NOT NULL,
  "component_id" character varying(100) NOT NULL,
  "threat_id" character varying(200) NOT NULL,
  "original_decision" "risk_decision" NOT NULL,
  "final_decision" "risk_decision" NOT NULL,
  "reviewer" character varying(100) NOT NULL,
  "justification" text NOT NULL,
  "additional_notes" text,
  "review_date" date NOT NULL,
  "evidence_references" jsonb,
  "status" "review_status" NOT NULL,
  "created_at" timestamp with time zone NOT NULL,
  "updated_at" timestamp with time zone NOT NULL,
  CONSTRAINT "pk_review_decisions" PRIMARY KEY ("id"),
  CONSTRAINT "uq_review_decisions_analysis_id_component_id_threat_id" UNIQUE ("analysis_id", "component_id", "threat_id")
)`)
        await queryRunner.query(`CREATE INDEX "idx_review_decisions_component_id" ON "review_decisions" ("component_id")`)
        await queryRunner.query(`CREATE INDEX "idx_review_decisions_status" ON "review_decisions" ("status")`)
        break
      default:
        throw new Error(`revision a6e70699678c has no statements for ${queryRunner.connection.options.type}`)
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    switch (queryRunner.connection.options.type as string) {
      case 'better-sqlite3':
      case 'sqlite':
        // review_decisions: drop table
        await queryRunner.query(`DROP TABLE "review_decisions"`)
        break
      case 'postgres':
        // review_decisions: drop table
        await queryRunner.query(`DROP TABLE "review_decisions"`)
        // drop enum risk_decision
        await queryRunner.query(`DROP TYPE "risk_decision"`)
        // drop enum review_status
        await queryRunner.query(`DROP TYPE "review_status"`)
        break
      default:
        throw new Error(`revision a6e70699678c has no statements for ${queryRunner.connection.options.type}`)
    }
  }
}
