/** What other capabilities may use of accounts. */
export { findProfile } from './accounts.sql.ts'
export { emailKey, parseEmail } from './email-address.ts'
export { newMailedToken, tokenHashOf } from './mailed-token.ts'
export { parseName } from './person-name.ts'
export { createResetToken } from './reset-token.ts'
export { endedSessionCookie } from './session-cookie.ts'
export { checkThrottle, countAttempt, inviterRule, recipientRule } from './throttle.ts'
export { createVerificationToken } from './verification-token.ts'
