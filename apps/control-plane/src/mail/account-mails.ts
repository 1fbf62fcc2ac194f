import { type MailText, mailOf } from './mail-body.ts'

interface Recipient {
  readonly firstName: string
  /** What links start with. Configured, never taken from a request (check A-9). */
  readonly publicUrl: string
}

/**
 * The mail that proves an address. Its link opens a page, whose click verifies: a scanner that follows links in mails
 * spends nothing.
 */
export function verifyEmailMail({
  firstName,
  publicUrl,
  token,
}: Recipient & { readonly token: string }): MailText {
  return mailOf({
    subject: 'Verify your email address for PacSpace',
    firstName,
    blocks: [
      { label: 'Please verify your email address', link: `${publicUrl}/verify-email?token=${token}` },
      'The link works once, within 24 hours. Without a browser, this call does the same:',
      { code: `curl '${publicUrl}/dashboard/auth/verify?token=${token}'` },
      'If you did not create a PacSpace account, ignore this mail.',
    ],
  })
}

/** Told to the owner of an address that somebody, perhaps they themselves, tried to register again. */
export function addressTakenMail({ firstName, publicUrl }: Recipient): MailText {
  return mailOf({
    subject: 'You already have a PacSpace account',
    firstName,
    blocks: [
      'Somebody tried to create a PacSpace account with this email address. It has one already, and nothing was changed.',
      { label: 'Log in', link: `${publicUrl}/login` },
      { label: 'Forgot your password', link: `${publicUrl}/forgot-password` },
      'If that was not you, ignore this mail.',
    ],
  })
}

/** The mail that replaces a forgotten password; like the one that verifies, its link opens a page. */
export function resetPasswordMail({
  firstName,
  publicUrl,
  token,
}: Recipient & { readonly token: string }): MailText {
  return mailOf({
    subject: 'Reset your PacSpace password',
    firstName,
    blocks: [
      { label: 'Choose a new password', link: `${publicUrl}/reset-password?token=${token}` },
      'The link works once, within 60 minutes; a newer one makes it void. Your sessions end when the password changes.',
      'If you did not ask for this, ignore this mail: your password stays as it is.',
    ],
  })
}

/** Told after every change of a password, however it was made (checks ). */
export function passwordChangedMail({ firstName, publicUrl }: Recipient): MailText {
  return mailOf({
    subject: 'Your PacSpace password was changed',
    firstName,
    blocks: [
      'The password of your PacSpace account was just changed, and all its sessions were ended.',
      'If that was not you, choose a new one at once:',
      { label: 'Reset the password', link: `${publicUrl}/forgot-password` },
    ],
  })
}
