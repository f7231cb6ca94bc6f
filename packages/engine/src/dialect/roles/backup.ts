import type { QueryRunner } from 'typeorm'

/** Copies a database before a run that destroys something. */
export interface BackupRole {
  /** File extension of a backup, with its dot: `.dump`, `.db`. */
  readonly extension: string

  /**
   * The folder of the programs that back up this server; null where none are needed.
   *
   * @throws AludelError `ALUDEL_BACKUP_TOOLS` when they are missing or older than the server
   */
  findTools(queryRunner: QueryRunner): Promise<string | null>

  /**
   * Copies the database to a temporary file, verifies the copy and renames it.
   *
   * @throws AludelError `ALUDEL_BACKUP`; no file is left then
   */
  create(queryRunner: QueryRunner, options: BackupOptions): Promise<void>
}

export interface BackupOptions {
  /** Path of the backup; its folder is created when missing. */
  readonly file: string
  /** The result of {@link BackupRole.findTools}. */
  readonly tools: string | null
  /** Aborts the copying, where the dialect can. */
  readonly signal?: AbortSignal
}
