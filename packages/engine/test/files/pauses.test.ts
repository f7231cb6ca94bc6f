import { pauses } from '../../src/files/pauses'

test('short work does not pause, and long work lets the event loop turn', async () => {
  let now = 1000
  const clock = jest.spyOn(performance, 'now').mockImplementation(() => now)
  try {
    const pause = pauses()
    now += 9
    expect(pause()).toBeUndefined()
    now += 1
    let turned = false
    setImmediate(() => (turned = true))
    await pause()
    expect(turned).toBe(true)
    now += 9
    expect(pause()).toBeUndefined()
  } finally {
    clock.mockRestore()
  }
})
