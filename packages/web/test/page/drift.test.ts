import { uncheckedText } from '../../page/src/model/drift'

describe('the words for a drift that was not checked', () => {
  test.each([
    ['server', 1, 'Not checked yet. It would replay 1 revision in a scratch database on this server.'],
    ['many', 10_000, 'Not checked yet. It would replay 10,000 revisions.'],
    ['read-only', 3, 'Not checked yet. It would execute 3 revisions in a scratch database.'],
    ['run', 0, 'Not checked while a run is at work.'],
  ] as const)('names what checking would do: %s', (reason, replays, text) => {
    expect(uncheckedText({ reason, replays })).toBe(text)
  })
})
