import { AludelError } from '../../errors'

const keywords =
  'host|hostaddr|port|dbname|user|password|passfile|service|sslmode|connect_timeout|application_name|options'
const keywordValue = new RegExp(`^\\s*(?:${keywords})\\s*=`, 'i')

/**
 * Explains libpq's other notation, `host=db user=app password=…`: its values may contain anything, so none is repeated.
 * https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE
 */
export function notUrl(text: string): AludelError | undefined {
  if (!keywordValue.test(text)) return undefined
  return new AludelError(
    'ALUDEL_DATABASE_URL',
    'the database URL is a connection string of libpq ("keyword=value"), which is not a URL',
    {
      help: [
        'Write it as postgres://USER:PASSWORD@HOST:PORT/DBNAME; other keywords follow as parameters: ?sslmode=require&connect_timeout=10',
        'Percent-encode special characters: "@" is %40.',
      ].join('\n'),
    },
  )
}
