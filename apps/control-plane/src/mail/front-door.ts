/** What other capabilities may use of mail. */
export { queueMail } from './queue-mail.ts'
