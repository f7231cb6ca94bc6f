import fc from 'fast-check'

/** Tests tools/fast-check.cjs, which jest loads when a test imports fast-check. */
describe('fast-check in tests', () => {
  /** Each element shrinks separately, which would take thousands of executions. */
  const large = fc.array(fc.integer({ min: 1 }), { minLength: 3000, maxLength: 3000 })
  const steps = 200

  const before = process.env['ALUDEL_TEST_RUNS']
  afterEach(() => {
    if (before === undefined) delete process.env['ALUDEL_TEST_RUNS']
    else process.env['ALUDEL_TEST_RUNS'] = before
  })

  test('shrinks a failing property in a bounded number of executions and reports its seed', () => {
    let executions = 0
    const property = fc.property(large, () => {
      executions += 1
      return false
    })
    expect(() => fc.assert(property)).toThrow(
      /^Property failed after 1 tests\n\{ seed: -?\d+, path: "0(?::\d+){200}", endOnFailure: true \}\nCounterexample: \[\[\d+,/,
    )
    expect(executions).toBe(1 + steps)
  })

  test('counts executions that pass while it shrinks an asynchronous property', async () => {
    const executed: number[][] = []
    const details = await fc.check(
      fc.asyncProperty(large, async (numbers) => {
        executed.push(numbers)
        await Promise.resolve()
        expect(numbers[0]).toBeLessThan(1000)
      }),
    )
    expect(details).toMatchObject({ failed: true, interrupted: true, errorInstance: expect.any(Error) as Error })
    expect(executed).toHaveLength(1 + steps)
    expect(details.numShrinks).toBeLessThan(steps)
    expect(executed).toContain(details.counterexample?.[0])
  })

  test('resumes shrinking at the path of a counterexample', () => {
    const property = fc.property(large, () => false)
    const first = fc.check(property)
    const { counterexamplePath: path, seed } = first
    const second = fc.check(property, { seed, path: path ?? '' })
    expect(second.counterexamplePath?.split(':')).toHaveLength(1 + 2 * steps)
    expect(second.counterexamplePath?.startsWith(`${path ?? ''}:`)).toBe(true)
  })

  test('multiplies the runs of a property by ALUDEL_TEST_RUNS', () => {
    process.env['ALUDEL_TEST_RUNS'] = '3'
    jest.resetModules()
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- loads it again, with the changed variable
    const again = require('fast-check') as typeof fc
    let executions = 0
    again.assert(
      again.property(fc.nat(), () => {
        executions += 1
      }),
    )
    expect(executions).toBe(300)
  })
})
