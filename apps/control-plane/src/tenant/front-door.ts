/** What other capabilities may use of tenant. */
export { pushSettings } from './push-settings.ts'
