/** What other capabilities may use of customers that were created. */
export { customerKind } from './commit-customer.ts'
export type { CustomerOutcome, CustomerUnit, CustomerWords } from './customer-unit.ts'
export { type CreatedCustomer, selectCreatedBetween } from './profiles.sql.ts'
