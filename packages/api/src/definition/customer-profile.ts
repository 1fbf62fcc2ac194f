import { defineEndpoint } from '../endpoint.ts'
import { CustomerId, Instant, Strict, Text } from '../field.ts'
import { Type } from '../schema.ts'

/** Longest words about a customer, in UTF-16 code units. */
const NAME_LENGTH_MAX = 200
const HINT_LENGTH_MAX = 100

/** What people say of a customer beside its ledger: kept and given back as it came, never interpreted, in no proof. */
export const profileFields = {
  displayName: Text({
    minLength: 1,
    maxLength: NAME_LENGTH_MAX,
    description: 'What people call the customer',
  }),
  sharingStateHint: Type.Optional(
    Text({ minLength: 1, maxLength: HINT_LENGTH_MAX, description: 'How far its ledger is shared with it' }),
  ),
  eventCadence: Type.Optional(
    Text({ minLength: 1, maxLength: HINT_LENGTH_MAX, description: 'How often deltas are to be expected' }),
  ),
  unitLabel: Type.Optional(
    Text({ minLength: 1, maxLength: HINT_LENGTH_MAX, description: 'What one unit of its balance is called' }),
  ),
}

export const newCustomerBody = Strict({ customerId: Type.Optional(CustomerId), ...profileFields })

/** A customer that was just created; of the hints those that were sent. */
export const NewCustomer = Type.Object({
  customerId: Type.String(),
  ...profileFields,
  ledgerIdentifier: Type.String(),
  customerReference: Type.String(),
  createdAt: Instant,
})

export const createCustomer = defineEndpoint({
  id: 'createCustomer',
  surface: 'dashboard',
  method: 'POST',
  path: '/dashboard/customers',
  auth: { kind: 'user', role: 'developer' },
  readsEnvironment: true,
  summary: 'Create a customer with a display name, before its first delta. Without a customerId one is made.',
  body: newCustomerBody,
  success: { status: 201, data: NewCustomer, message: 'Customer created' },
  problems: [
    'CONTRACT_NOT_DEPLOYED',
    'LOG_BEHIND_ANCHOR',
    'CLOCK_UNSURE',
    'PLAN_UPGRADE_REQUIRED',
    'CUSTOMER_EXISTS',
  ],
})
