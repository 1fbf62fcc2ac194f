/** An import that cannot begin, or cannot go on, for a reason its user can act on: shown as it is, without a stack. */
export class ImportError extends Error {
  override name = 'ImportError'
}
