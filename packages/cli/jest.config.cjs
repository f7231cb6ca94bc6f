const base = require('../../jest.base.cjs')('cli')

module.exports = {
  ...base,
  // The sources name compiled files in `import()`, as Node needs it; here they are still TypeScript.
  moduleNameMapper: { ...base.moduleNameMapper, '^(\\.{1,2}/.*)\\.js$': ['$1', '$1.js'] },
}
