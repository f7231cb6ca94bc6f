// Checks the types of everything that the compiler does not build: the tests of the packages, the page, which Vite builds, the tools,
// and the sources again with the types of TypeORM 0.3. The packages must be built, because the check uses their declarations.
import process from 'node:process'
import { compile } from './lib/compiler.mjs'
import { packageNames } from './lib/nx.mjs'

const tests = packageNames.map((name) => `packages/${name}/test`)
const page = ['packages/web/page', 'packages/web/page/mock']
process.exitCode = await compile([...tests, ...page, 'tools', 'tools/testing/typeorm-0.3.tsconfig.json'])
