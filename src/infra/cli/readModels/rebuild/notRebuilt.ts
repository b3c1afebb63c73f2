/** A rebuild came to nothing: why, in words for people. */
export class NotRebuilt extends Error {
  override readonly name = 'NotRebuilt';
}
