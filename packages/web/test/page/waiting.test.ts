import { awaited } from '../../page/src/model/waiting'

test('names each thing that is waited for once, whatever its route is asked for', () => {
  expect(awaited(['/plan?direction=upgrade&target=head', '/plan?direction=upgrade&target=%2B1'])).toBe('the plan')
  expect(awaited(['/revisions', '/revisions/3f9c1b7a2d40'])).toBe('the history and the revision')
  expect(awaited(['/something/else'])).toBe('the server')
})
