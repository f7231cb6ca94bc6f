import type { Statement } from '../../roles/ddl'

/** Statements in their order; the first of each group has a comment about the group. */
export class StatementList {
  readonly statements: Statement[] = []
  /** Comment of a group that has no statement yet. */
  #waiting: string | undefined

  /** @param comment absent when the statements belong to the previous group */
  add(comment: string | undefined, statements: readonly string[]): void {
    const words = comment ?? this.#waiting
    this.#waiting = statements.length === 0 ? words : undefined
    statements.forEach((sql, index) => {
      const isFirst = index === 0 && words !== undefined
      this.statements.push(isFirst ? { sql, comment: words.replaceAll(/\s+/g, ' ') } : { sql })
    })
  }
}
