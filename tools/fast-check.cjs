/**
 * fast-check with the same seed each time, so that a test run says the same twice. Another seed looks further:
 * `ALUDEL_SEED=random npm test`, or a number that a failure printed.
 */
const path = require('node:path')
// By its path: by its name, jest would lead back here.
const fc = require(path.join(__dirname, '../node_modules/fast-check/lib/cjs/fast-check.js'))

const seed = process.env['ALUDEL_SEED'] ?? '20261121'
if (seed !== 'random') fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) })

module.exports = fc
