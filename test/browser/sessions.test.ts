import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { before, describe, it } from 'node:test'
import { waitUntil } from '@pacspace/service/embedded-postgres/wait-until'
import type { BrowserContext } from 'playwright-core'
import { loadSecrets } from '../../apps/cli/src/start/secrets.ts'
import { inBrowser } from './in-browser.ts'
import { settled } from './page-rules.ts'
import { newSignUp, Person } from './person.ts'

const browser = inBrowser()
const SESSION = 'pacspace_session'
const DEADLINE_MS = 20_000

describe('sessions', { skip: browser.skip }, () => {
  let owner: Person
  before(async () => {
    owner = await new Person(browser.stack, newSignUp()).register()
    await owner.verifyEmail()
    await owner.createKey('sandbox', 'a key of mine')
  })

  it(
    'A-16 the token is out of reach of scripts, and other sites cannot send it',
    browser.test(async (visit) => {
      const page = await visit.open('/sandbox', owner)
      await settled(page, 'Overview')
      const cookie = await sessionCookie(page.context())
      assert.equal(cookie.httpOnly, true)
      assert.equal(cookie.sameSite, 'Strict')
      const readable = await page.evaluate(() =>
        JSON.stringify([document.cookie, { ...localStorage }, { ...sessionStorage }]),
      )
      assert.ok(!readable.includes(cookie.value) && !readable.includes(SESSION), readable)
    }),
  )

  it(
    'A-16 a write with the cookie alone is refused, and changes nothing',
    browser.test(async (visit) => {
      const page = await visit.open('/sandbox', owner)
      await settled(page, 'Overview')
      const answer = await page.evaluate(async () => {
        const response = await fetch('/dashboard/auth/preferences', {
          method: 'PATCH',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ preferredEnvironment: 'production' }),
        })
        return { status: response.status, code: (await response.json()).code }
      })
      assert.deepEqual(answer, { status: 401, code: 'INVALID_TOKEN' })
      assert.equal((await owner.call('GET', '/auth/me')).preferredEnvironment, 'sandbox')
    }),
  )

  it(
    'what the policy of the pages forbids is noticed by these tests',
    browser.test(async (visit) => {
      const page = await visit.open('/login')
      await settled(page, 'Log in')
      await page.evaluate(() => {
        const script = document.createElement('script')
        script.textContent = 'document.title = "inline"'
        document.body.append(script)
        const image = new Image()
        image.src = 'https://elsewhere.example/pixel.png'
      })
      assert.ok(await waitUntil(() => visit.watch.found().length >= 2, DEADLINE_MS))
      assert.notEqual(await page.title(), 'inline')
      visit.watch.allow(/Content Security Policy|elsewhere\.example/)
    }),
  )

  it(
    'signing out in one tab signs out the other, and leaves nothing on its screen',
    browser.test(async (visit) => {
      const page = await visit.open('/sandbox', owner)
      await settled(page, 'Overview')
      const other = await page.context().newPage()
      await other.goto('/sandbox/api-keys')
      await other.getByText('a key of mine').waitFor()

      await page.getByRole('button', { name: 'Your account' }).click()
      await page.getByRole('menuitem', { name: 'Sign out', exact: true }).click()
      await settled(page, 'Log in')
      await settled(other, 'Log in')
      assert.equal(await other.getByText('a key of mine').count(), 0)
      await page.goBack()
      await settled(page, 'Log in')
    }),
  )

  it(
    'signing out everywhere ends the session on another device',
    browser.test(async (visit) => {
      const ada = await visit.signUp()
      const phone = await visit.open('/sandbox/settings', ada)
      await settled(phone, 'Settings')
      const page = await visit.open('/sandbox', ada)
      await page.getByRole('button', { name: 'Your account' }).click()
      await page.getByRole('menuitem', { name: 'Sign out everywhere' }).click()
      await settled(page, 'Log in')
      await phone.reload()
      await settled(phone, 'Log in')
    }),
  )

  it(
    'an expired token leads to the log-in, and the log-in back to where one was',
    browser.test(async (visit) => {
      const page = await visit.open('/sandbox', owner)
      await settled(page, 'Overview')
      await expireToken(page.context(), visit.stack.dataDir)
      await page.getByRole('link', { name: 'API keys' }).click()
      await settled(page, 'Log in')
      await page.getByLabel('E-mail').fill(owner.signUp.email)
      await page.getByLabel('Password').fill(owner.signUp.password)
      await page.getByRole('button', { name: 'Log in' }).click()
      await settled(page, 'API keys')
      assert.equal(new URL(page.url()).pathname, '/sandbox/api-keys')
    }),
  )

  it(
    'while the server is away, the page says so and goes on once it is back, still logged in',
    browser.test(async (visit) => {
      visit.watch.allow(/ERR_(CONNECTION_(REFUSED|RESET)|EMPTY_RESPONSE)/)
      const page = await visit.open('/sandbox/api-keys', owner)
      await page.getByText('a key of mine').waitFor()
      const back = await holdGatewayDown()
      try {
        await page.getByRole('button', { name: 'Create Sandbox key' }).first().click()
        await page.getByLabel('Name').fill('while away')
        await page.getByRole('button', { name: 'Create key' }).click()
        await page.getByText('The server does not answer.').first().waitFor()
        assert.equal(await page.getByLabel('Name').inputValue(), 'while away')
      } finally {
        await back()
      }
      await page.getByRole('button', { name: 'Create key' }).click()
      await page.getByTestId('full-key').waitFor()
    }),
  )
})

async function sessionCookie(context: BrowserContext) {
  const cookie = (await context.cookies()).find(({ name }) => name === SESSION)
  return cookie ?? assert.fail('a log-in sets the cookie')
}

/** The browser's token as it will be once its time is over: the stack's own signature, over the same claims. */
async function expireToken(context: BrowserContext, dataDir: string): Promise<void> {
  const { jwtSecret } = await loadSecrets(dataDir)
  const cookie = await sessionCookie(context)
  const [header = '', payload = ''] = cookie.value.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  const expired = { ...claims, iat: claims.iat - 86_400, exp: claims.iat - 60 }
  const signed = `${header}.${Buffer.from(JSON.stringify(expired)).toString('base64url')}`
  const signature = createHmac('sha256', jwtSecret).update(signed).digest('base64url')
  await context.addCookies([{ ...cookie, value: `${signed}.${signature}` }])
}

/** Kills the gateway, and each one that the supervisor starts in its place; gives what ends that and waits for the next. */
async function holdGatewayDown(): Promise<() => Promise<void>> {
  const { stack } = browser
  const answers = () =>
    fetch(`${stack.baseUrl}/readyz`).then(
      () => true,
      () => false,
    )
  const kill = () => {
    try {
      process.kill(stack.processId('gateway'), 'SIGKILL')
    } catch {
      // It is dead already.
    }
  }
  kill()
  const timer = setInterval(kill, 100)
  assert.ok(await waitUntil(async () => !(await answers()), DEADLINE_MS))
  return async () => {
    clearInterval(timer)
    assert.ok(await waitUntil(answers, DEADLINE_MS))
  }
}
