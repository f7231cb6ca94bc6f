import { pauses } from '../../src/files/pauses'

test('short work does not pause, and long work lets the event loop turn', async () => {
  const pause = pauses()
  expect(pause()).toBeUndefined()
  const end = performance.now() + 50
  while (performance.now() < end);
  let turned = false
  setImmediate(() => (turned = true))
  await pause()
  expect(turned).toBe(true)
  expect(pause()).toBeUndefined()
})
