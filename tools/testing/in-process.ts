import type { Printed, Run } from './native.cjs'

/**
 * Runs the built command line in the worker of this test, outside of jest's sandbox: see native.cjs. environment.cjs adds it to
 * the sandbox.
 */
export function runInProcess(run: Run): Promise<Printed> {
  const { aludelCommandLine } = globalThis as { readonly aludelCommandLine?: (run: Run) => Promise<Printed> }
  if (aludelCommandLine === undefined) throw new Error('this test does not run in tools/testing/environment.cjs')
  return aludelCommandLine(run)
}
