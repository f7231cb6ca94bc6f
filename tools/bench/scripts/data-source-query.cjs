// The least that a program can do with a DataSource: connect, query, disconnect. `node data-source-query.cjs DATA_SOURCE`
const dataSource = require(process.argv[2])
// TypeORM would load all of them.
dataSource.setOptions({ migrations: [] })

dataSource
  .initialize()
  .then(() => dataSource.query('select 1'))
  .then(() => dataSource.destroy())
