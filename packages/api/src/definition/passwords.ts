import { defineEndpoint } from '../endpoint.ts'
import { Strict } from '../field.ts'
import { Type } from '../schema.ts'
import { Email, MailedToken, Password, PasswordAttempt } from './accounts.ts'

export const requestPasswordReset = defineEndpoint({
  id: 'requestPasswordReset',
  surface: 'dashboard',
  method: 'POST',
  path: '/dashboard/auth/request-password-reset',
  auth: { kind: 'none' },
  summary: 'Send a mail with a link to reset the password. The answer is the same for any address.',
  body: Strict({ email: Email }),
  success: {
    status: 200,
    data: Type.Object({}),
    message: 'If this address has an account, a mail is on its way.',
  },
  problems: ['RATE_LIMITED'],
})

export const resetPassword = defineEndpoint({
  id: 'resetPassword',
  surface: 'dashboard',
  method: 'POST',
  path: '/dashboard/auth/reset-password',
  auth: { kind: 'none' },
  summary: 'Set a new password with the token that was mailed; ends every session.',
  body: Strict({ token: MailedToken, password: Password }),
  success: { status: 200, data: Type.Object({}), message: 'Password reset successfully. Log in again.' },
  problems: ['INVALID_RESET_TOKEN'],
})

export const changePassword = defineEndpoint({
  id: 'changePassword',
  surface: 'dashboard',
  method: 'POST',
  path: '/dashboard/auth/change-password',
  auth: { kind: 'user', role: 'viewer' },
  summary: 'Change the own password; ends every session, this one too.',
  body: Strict({ currentPassword: PasswordAttempt, newPassword: Password }),
  success: { status: 200, data: Type.Object({}), message: 'Password changed successfully. Log in again.' },
  problems: ['RATE_LIMITED'],
})
