import assert from 'node:assert/strict'
import { type Environment, spelling } from '@pacspace/api/environment'
import { waitUntil } from '@pacspace/service/embedded-postgres/wait-until'
import { PacSpace } from '@pacspace-io/sdk/core/pacspace'
import type { RunningStack } from '../../apps/cli/src/start/stack.ts'

/** Work that may wait runs at the lowest priority: on a busy machine it waits long. */
const DEADLINE_MS = 60_000
/** A name for each of a run: a test file may sign up as many as it likes. */
let count = 0

export interface SignUp {
  readonly firstName: string
  readonly lastName: string
  readonly companyName: string
  readonly email: string
  readonly password: string
}

/** What somebody new fills in. */
export function newSignUp(given: Partial<SignUp> = {}): SignUp {
  count += 1
  return {
    firstName: 'Ada',
    lastName: 'Lovelace',
    companyName: 'Analytical Engines',
    email: `ada-${count}@engines.example`,
    password: `a long phrase of number ${count}`,
    ...given,
  }
}

/** Somebody with an account, who does things beside the browser as their own programs would: by the public routes. */
export class Person {
  readonly signUp: SignUp
  readonly #stack: RunningStack
  #token: string | undefined

  constructor(stack: RunningStack, signUp: SignUp) {
    this.#stack = stack
    this.signUp = signUp
  }

  /** Registers; then waits until the Sandbox is active, which needs nobody. */
  async register(): Promise<this> {
    await this.#send('POST', '/auth/register', this.signUp)
    await this.waitForEnvironment('sandbox')
    return this
  }

  /** Takes a place in the tenant of somebody who may invite, with an account that did not exist before. */
  async joinTeamOf(host: Person, role: 'admin' | 'developer' | 'viewer'): Promise<this> {
    const { companyName: _none, ...names } = this.signUp
    await host.call('POST', '/team/invitations', { email: names.email, role })
    const link = new URL(await this.mailedLink('/accept-invitation'))
    await this.#send('POST', '/auth/register', {
      ...names,
      invitationToken: link.searchParams.get('token'),
    })
    return this
  }

  /** Spends the link of the newest verification mail. */
  async verifyEmail(): Promise<this> {
    const link = await this.mailedLink('/verify-email')
    await this.#send('GET', `/auth/verify?token=${new URL(link).searchParams.get('token')}`)
    return this
  }

  /** The newest mailed link to a page, once it has come. */
  async mailedLink(pathname: string): Promise<string> {
    let link: string | undefined
    await waitUntil(async () => {
      const links = (await this.#stack.mailbox(this.signUp.email)).flatMap((mail) => mail.links)
      link = links.findLast((one) => new URL(one).pathname === pathname)
      return link !== undefined
    }, DEADLINE_MS)
    return link ?? assert.fail(`no mail to ${this.signUp.email} has a link to ${pathname}`)
  }

  /** A call of the Dashboard API (`path` after `/dashboard`) with a log-in of one's own; gives `data`. It must succeed. */
  async call(method: string, path: string, body?: unknown, environment?: Environment) {
    this.#token ??= await this.#logIn()
    const answer = await this.#send(method, path, body, {
      authorization: `Bearer ${this.#token}`,
      ...(environment !== undefined && { 'x-environment': environment }),
    })
    return answer.data
  }

  /** Another plan, and Production activated. */
  async goLive(tier = 'growth'): Promise<this> {
    await this.call('POST', '/billing/subscription', { tier })
    await this.call('POST', '/contracts/provision', { environment: spelling.production.contract })
    await this.waitForEnvironment('production')
    return this
  }

  /** A new API key, whole. */
  async createKey(environment: Environment, name = 'billing service'): Promise<string> {
    const key = await this.call('POST', '/api-keys', { name, environment: spelling[environment].key })
    return key.fullKey
  }

  /** The SDK with a key, as the customer's own service has it. */
  sdk(apiKey: string): PacSpace<true> {
    return new PacSpace({ apiKey, baseUrl: this.#stack.baseUrl, exactAmounts: true })
  }

  async #logIn(): Promise<string> {
    const { email, password } = this.signUp
    return (await this.#send('POST', '/auth/login', { email, password })).token
  }

  /** Until it may be written to. */
  async waitForEnvironment(environment: Environment): Promise<void> {
    const isActive = async () => {
      const contracts: { environment: string; status: string }[] = await this.call('GET', '/contracts')
      return contracts.some(
        (one) => one.environment === spelling[environment].contract && one.status === 'active',
      )
    }
    assert.ok(await waitUntil(isActive, DEADLINE_MS), `${environment} becomes active`)
  }

  async #send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const answer = await fetch(`${this.#stack.baseUrl}/dashboard${path}`, {
      method,
      headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    assert.ok(answer.ok, `${method} ${path} answered ${answer.status}: ${text}`)
    return text === '' ? undefined : JSON.parse(text)
  }
}
