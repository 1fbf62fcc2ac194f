/** A start that cannot go on for a reason the operator can act on: shown as it is, without a stack. */
export class StartError extends Error {
  override readonly name = 'StartError'
}
