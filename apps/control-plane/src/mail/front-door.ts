/** What other capabilities may use of mail. */
export { queueMail, queueNotice } from './queue-mail.ts'
