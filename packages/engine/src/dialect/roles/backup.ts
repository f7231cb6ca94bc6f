import type { QueryRunner } from 'typeorm'

/** Copies a database before a run that destroys something. */
export interface BackupRole {
  /** Of the name of a backup, with its dot: `.dump`, `.db`. */
  readonly extension: string

  /**
   * The folder of the programs that make a backup of this server; null where none is needed.
   *
   * @throws AludelError `ALUDEL_BACKUP_TOOLS` when they are missing or older than the server
   */
  findTools(queryRunner: QueryRunner): Promise<string | null>

  /**
   * Copies the database, and verifies the copy before it gets its name.
   *
   * @throws AludelError `ALUDEL_BACKUP`; there is no file then
   */
  create(queryRunner: QueryRunner, options: BackupOptions): Promise<void>
}

export interface BackupOptions {
  /** Where the copy goes; its folder is created when it is missing. */
  readonly file: string
  /** As {@link BackupRole.findTools} found them. */
  readonly tools: string | null
  /** Ends the copying, where that can be done. */
  readonly signal?: AbortSignal
}
