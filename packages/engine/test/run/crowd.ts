import { revision, type TestRevision } from './revisions'

/** The same revisions in every process. */
export function crowdRevisions(stopAt?: number): readonly TestRevision[] {
  return ['a', 'b', 'c', 'd'].map((table, index) =>
    revision(
      `make ${table}`,
      async (queryRunner) => {
        const statements = [`CREATE TABLE "${table}" ("n" integer NOT NULL)`, `INSERT INTO "${table}" VALUES (1)`]
        for (const [position, sql] of statements.entries()) {
          if (index === 0 && stopAt === position + 1) {
            process.stdout.write('stopped\n')
            await new Promise((resolve) => setTimeout(resolve, 3_600_000))
          }
          await queryRunner.query(sql)
        }
      },
      [],
      { number: index },
    ),
  )
}
