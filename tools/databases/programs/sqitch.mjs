// cspell:ignore libdbd
import { shopRows } from '../rows.mjs'
import { plainSteps } from './plain-sql.mjs'

/** From Debian: `apt-get install sqitch libdbd-pg-perl`, version 1.3.1. On SQLite it keeps its history in another file. */
/** @type {import('../place.mjs').Program} */
export const sqitch = {
  name: 'sqitch',
  packages: {},
  dialects: ['postgres'],
  rows: shopRows,
  make({ target, write, run }) {
    const steps = plainSteps('postgres')
    const changes = steps.map(
      ({ name }, index) => `${name} 2026-01-0${index + 1}T00:00:00Z Ann <ann@example.com> # ${name}`,
    )
    write({
      'sqitch.conf': '[core]\n  engine = pg\n[user]\n  name = Ann\n  email = ann@example.com\n',
      'sqitch.plan': `%syntax-version=1.0.0\n%project=shop\n\n${changes.join('\n')}\n`,
      ...Object.fromEntries(steps.map(({ name, up }) => [`deploy/${name}.sql`, `BEGIN;\n${up}\nCOMMIT;\n`])),
    })
    run('sqitch', ['deploy', target.replace('postgres://', 'db:pg://')])
  },
  last: ({ target, run }) =>
    /^# Name: +(\S+)/m.exec(run('sqitch', ['status', target.replace('postgres://', 'db:pg://')]))?.[1],
}
