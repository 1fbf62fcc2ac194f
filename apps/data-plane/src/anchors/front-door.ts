/** What other capabilities may use of anchors. */
export { FileAnchor } from './file-anchor.ts'
export { newCustomerEnd, recompute, type VerifiedEnd } from './recompute.ts'
