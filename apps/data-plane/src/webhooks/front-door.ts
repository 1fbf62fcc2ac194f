/** What other capabilities may use of webhooks. */
export { selectEventSource } from './log-events.sql.ts'
export { insertCustomerCreated } from './tell-customer.ts'
