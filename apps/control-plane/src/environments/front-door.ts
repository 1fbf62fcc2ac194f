/** What other capabilities may use of environments. */
export { getContract, listEnvironmentStates, listRequestedEnvironments } from './environment-state.ts'
export { requestProvisioning } from './request-provisioning.ts'
export { requestedEnvironment } from './requested-environment.ts'
