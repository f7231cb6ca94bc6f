import { sharesTransaction } from '../../../sql/postgres/outside'
import { bodiesIn, bodyOf } from '../../../sql/postgres/nodes'
import { plainText } from '../../../sql/reader'
import { fold, wordOf } from '../../../sql/sqlite/tokens'
import { quotedName } from '../../../sql/tokens'
import type { Found } from '../../finding'
import { nameIn } from '../../postgres/catalog'
import { withWord } from '../../postgres/rewrite'
import type { PostgresSubject } from '../../postgres/subject'
import { defineRule } from '../../rule'
import { isInside, ownTransactions } from '../../transactions'

const message =
  'if the run crashes here, nothing shows whether this took effect, and the next run stops until somebody has checked'

/**
 * What `dialect/postgres/statements/probe.ts` cannot ask the catalog about. https://sqlite.org/lang_vacuum.html#vacuuminto
 */
export const unrepeatableStep = defineRule({
  id: 'T3',
  name: 'unrepeatable-step',
  category: 'hygiene',
  severity: 'warning',
  about:
    'Outside a transaction, a run that has crashed repeats a statement if it can, or asks whether it took effect. Give it a form that allows one of these.',
  postgres: {
    statement(subject) {
      const { step, effects, index, earlier } = subject
      const text = step.statements?.[index]
      if (step.transactional || text === undefined || effects.reads || earlier.at(-1)?.index === index) return undefined
      // What runs in a transaction of its own is recorded in it.
      if (sharesTransaction(text) || isInside(ownTransactions(step.statements ?? [], false), index)) return undefined
      return unnamedIndex(subject) ?? (isAsked(text) ? undefined : { message, help: helpFor(text) })
    },
  },
  sqlite: {
    statement({ step, tokens }) {
      if (step.transactional || wordOf(tokens[0]) !== 'VACUUM') return undefined
      if (!tokens.some((token) => wordOf(token) === 'INTO')) return undefined
      return {
        message: 'repeating this after a crash fails, because the file exists by then',
        help: 'Write the copy outside of revisions, as `aludel migrate backup` does.',
      }
    },
  },
})

/** Statements about which the catalog is asked, or that are repeated. */
const asked =
  /^(?:(?:CREATE|DROP) (?!SUBSCRIPTION\b)|ALTER (?!SUBSCRIPTION\b|DATABASE\b)|(?:VACUUM|ANALYZE|ANALYSE|REINDEX|CLUSTER|REFRESH|COMMENT|GRANT|REVOKE|SET|RESET|CHECKPOINT|SECURITY|DISCARD|LISTEN|UNLISTEN|LOAD|BEGIN|START|COMMIT|END|ROLLBACK|ABORT|SAVEPOINT|RELEASE|PREPARE|DEALLOCATE|EXPLAIN|SHOW|NOTIFY|LOCK)\b)/

function isAsked(text: string): boolean {
  return asked.test(plainText(text, 'postgres'))
}

function helpFor(text: string): string {
  const first = fold(plainText(text, 'postgres').split(' ')[0] ?? '')
  if (first === 'call' || first === 'do')
    return 'Send its statements one by one, or make it safe to repeat and say so where it is ignored.'
  return / ; \S/.test(plainText(text, 'postgres'))
    ? 'Send each statement as a text of its own: each is then executed and recorded in one transaction.'
    : 'Send it in a revision of its own, so that it is clear what to check.'
}

/** The server chooses the name, so nothing can be asked about it. */
function unnamedIndex({ node, sql }: PostgresSubject): Found | undefined {
  const index = bodyOf(node, 'IndexStmt')
  if (index?.concurrent !== true || index.idxname !== undefined) return undefined
  const table = nameIn(index.relation)
  const columns = bodiesIn(index.indexParams, 'IndexElem').map(({ name = 'expr' }) => name)
  const name = [table.name, ...columns, 'idx'].join('_')
  return {
    message: `if the run crashes here, nothing shows whether the index of ${table.text} was built, because it has no name`,
    help: 'Give it a name.',
    ...(Buffer.byteLength(name) <= 63 && { instead: [withWord(sql, 'CONCURRENTLY', quotedName(name))] }),
    table: table.text,
  }
}
