import type { Statement } from '../../dialect'

/** Statements in their order; the first of each group says what the group does. */
export class StatementList {
  readonly statements: Statement[] = []

  /** @param comment absent: the statements go on with what the group before them does */
  add(comment: string | undefined, statements: readonly string[]): void {
    statements.forEach((sql, index) => {
      const isFirst = index === 0 && comment !== undefined
      this.statements.push(isFirst ? { sql, comment: comment.replaceAll(/\s+/g, ' ') } : { sql })
    })
  }
}
