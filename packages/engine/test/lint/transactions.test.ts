import { isInside, ownTransactions } from '../../src/lint/transactions'

describe('ownTransactions', () => {
  test('finds where transactions begin and end', () => {
    const statements = ['SELECT 1', 'BEGIN', 'SELECT 2', 'COMMIT', 'BEGIN; SELECT 3; ROLLBACK', 'START TRANSACTION']
    expect(ownTransactions(statements, false)).toEqual([
      { begin: 1, end: 3 },
      { begin: 4, end: 4 },
      { begin: 5, end: undefined },
    ])
  })

  test('takes a savepoint for one where it begins a transaction', () => {
    const statements = ['SAVEPOINT "A"', 'SAVEPOINT b', 'RELEASE b', 'RELEASE SAVEPOINT a', 'SAVEPOINT c']
    expect(ownTransactions(statements, true)).toEqual([
      { begin: 0, end: 3 },
      { begin: 4, end: undefined },
    ])
    expect(ownTransactions(statements, false)).toEqual([])
  })

  test('tells what is inside', () => {
    const transactions = [
      { begin: 1, end: 3 },
      { begin: 5, end: undefined },
    ]
    expect([0, 1, 2, 3, 4, 5, 6].filter((index) => isInside(transactions, index))).toEqual([2, 6])
  })
})
