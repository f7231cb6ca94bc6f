/** A failure that is neither that of a database nor an assertion: its words are all there is to say. */
export class TestFailed extends Error {
  override readonly name = 'TestFailed'
}
