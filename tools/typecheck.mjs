// Checks the types of everything that is not built: the tests of the packages, the tools, and the sources again with the types of
// TypeORM 0.3. The packages must be built, because the check uses their declarations.
import process from 'node:process'
import { compile } from './lib/compiler.mjs'
import { packageNames } from './lib/nx.mjs'

const tests = packageNames.map((name) => `packages/${name}/test`)
process.exitCode = await compile([...tests, 'tools', 'tools/testing/typeorm-0.3.tsconfig.json'])
