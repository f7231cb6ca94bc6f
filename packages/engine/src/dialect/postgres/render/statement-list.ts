import type { Statement } from '../../dialect'

/** Statements in their order; the first of each group says what the group does. */
export class StatementList {
  readonly statements: Statement[] = []

  add(comment: string, statements: readonly string[]): void {
    statements.forEach((sql, index) => {
      this.statements.push(index === 0 ? { sql, comment: comment.replaceAll(/\s+/g, ' ') } : { sql })
    })
  }
}
