module.exports = require('../../jest.base.cjs')('engine', {
  // The sources name compiled files in `import()`, as Node needs it; here they are still TypeScript.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': ['$1', '$1.js'] },
})
