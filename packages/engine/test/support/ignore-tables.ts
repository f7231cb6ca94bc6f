/** The tables of TypeORM and of the tool. */
export const ignoreTables: readonly string[] = ['migrations', 'aludel_journal', 'typeorm_metadata']
