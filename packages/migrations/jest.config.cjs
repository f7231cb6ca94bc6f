module.exports = require('../../jest.base.cjs')('migrations')
