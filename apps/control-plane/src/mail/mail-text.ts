/** What a mail says. Names in it come from strangers: plain text, one line each. */
export interface MailText {
  readonly subject: string
  readonly text: string
  readonly links: readonly string[]
}

/**
 * The mail that proves an address. Its link opens a page, whose click verifies: a scanner that follows links in mails
 * spends nothing.
 */
export function verifyEmailText({
  firstName,
  token,
  publicUrl,
}: {
  readonly firstName: string
  readonly token: string
  readonly publicUrl: string
}): MailText {
  const link = `${publicUrl}/verify-email?token=${token}`
  return {
    subject: 'Verify your email address for PacSpace',
    text: `${greeting(firstName)}

Please verify your email address:

${link}

The link works once, within 24 hours. Without a browser, this call does the same:

curl '${publicUrl}/dashboard/auth/verify?token=${token}'

If you did not create a PacSpace account, ignore this mail.
`,
    links: [link],
  }
}

/** Told to the owner of an address that somebody, perhaps they themselves, tried to register again. */
export function addressTakenText({
  firstName,
  publicUrl,
}: {
  readonly firstName: string
  readonly publicUrl: string
}): MailText {
  const logIn = `${publicUrl}/login`
  const forgot = `${publicUrl}/forgot-password`
  return {
    subject: 'You already have a PacSpace account',
    text: `${greeting(firstName)}

Somebody tried to create a PacSpace account with this email address. It has one already, and nothing was changed.

Log in: ${logIn}
Forgot your password: ${forgot}

If that was not you, ignore this mail.
`,
    links: [logIn, forgot],
  }
}

/** A stranger may have typed the name: only what can be nothing but a name is repeated, never a link or a second line. */
function greeting(firstName: string): string {
  return /^[\p{L}\p{M}'’ -]{1,50}$/u.test(firstName) ? `Hello ${firstName},` : 'Hello,'
}
