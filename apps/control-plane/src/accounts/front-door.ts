/** What other capabilities may use of accounts. */
export { createVerificationToken } from './verification-token.ts'
