import path from 'node:path'

import { run } from '../world'

const repository = path.resolve(__dirname, '../../../..')

test('leaves the advice about special characters readable', async () => {
  const { stderr } = await run(['migrate', 'current', '--database-url', 'postgres://u:p@h:port/d'], {}, repository)
  expect(stderr).toContain('percent-encode special characters: "@" is %40, "/" %2F')
})
