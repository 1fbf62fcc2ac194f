/** What other capabilities may use of anchors. */
export { FileAnchor } from './file-anchor.ts'
