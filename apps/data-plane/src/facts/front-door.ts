/** What other capabilities may use of facts. */
export { factKind } from './commit-facts.ts'
export { type FactOutcome, type FactUnit, factRequestHash } from './fact-unit.ts'
