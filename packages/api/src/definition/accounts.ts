import { defineEndpoint } from '../endpoint.ts'
import { EnvironmentName } from '../environment.ts'
import { IdOf, Instant, Nullable, Strict, Text } from '../field.ts'
import { TierName } from '../plan.ts'
import { Type } from '../schema.ts'
import { EnvironmentState } from './environments.ts'

export const Email = Text({ minLength: 3, maxLength: 254, description: 'E-mail address' })
// Longer input is refused before it is hashed (check A-4).
export const Password = Type.Unsafe<string>({
  type: 'string',
  minLength: 8,
  maxLength: 128,
  'x-secret': true,
})
// At log-in any length is looked at, so that a refusal says nothing about the rule.
export const PasswordAttempt = Type.Unsafe<string>({
  type: 'string',
  minLength: 1,
  maxLength: 1_024,
  'x-secret': true,
})
export const Name = Text({ minLength: 1, maxLength: 100 })
export const RoleName = Type.Union([
  Type.Literal('owner'),
  Type.Literal('admin'),
  Type.Literal('developer'),
  Type.Literal('viewer'),
])

/** A token out of a mail's link. */
export const MailedToken = Type.Unsafe<string>({
  type: 'string',
  minLength: 1,
  maxLength: 256,
  'x-secret': true,
})

export const register = defineEndpoint({
  id: 'register',
  surface: 'dashboard',
  method: 'POST',
  path: '/dashboard/auth/register',
  auth: { kind: 'none' },
  summary: 'Create an account: a user (owner), a tenant on the Free plan, and its Sandbox.',
  body: Strict({
    email: Email,
    password: Password,
    firstName: Name,
    lastName: Name,
    // One of the two: a tenant of one's own, or a place in the tenant that invites.
    companyName: Type.Optional(Name),
    invitationToken: Type.Optional(MailedToken),
  }),
  success: {
    status: 201,
    data: Type.Object({
      id: IdOf('usr'),
      email: Type.String(),
      name: Type.String(),
      isVerified: Type.Literal(false),
      tenantId: IdOf('tnt'),
    }),
    message: 'Registration successful. Please check your email to verify your account.',
  },
  problems: ['INVALID_INVITATION', 'RATE_LIMITED'],
})

export const login = defineEndpoint({
  id: 'login',
  surface: 'dashboard',
  method: 'POST',
  path: '/dashboard/auth/login',
  auth: { kind: 'none' },
  summary: 'Log in and receive a token.',
  body: Strict({ email: Email, password: PasswordAttempt }),
  success: {
    status: 200,
    bare: true,
    data: Type.Object({
      id: IdOf('usr'),
      email: Type.String(),
      name: Type.String(),
      role: RoleName,
      isVerified: Type.Boolean(),
      token: Type.Unsafe<string>({ type: 'string', 'x-secret': true }),
    }),
  },
  problems: ['RATE_LIMITED', 'INVALID_CREDENTIALS'],
})

export const verifyEmail = defineEndpoint({
  id: 'verifyEmail',
  surface: 'dashboard',
  method: 'GET',
  path: '/dashboard/auth/verify',
  auth: { kind: 'none' },
  summary: 'Verify an e-mail address with the token that was mailed to it.',
  query: Strict({ token: MailedToken }),
  success: {
    status: 200,
    data: Type.Object({ isVerified: Type.Literal(true) }),
    message: 'Email verified successfully.',
  },
  problems: ['INVALID_VERIFICATION_TOKEN'],
})

export const resendVerificationEmail = defineEndpoint({
  id: 'resendVerificationEmail',
  surface: 'dashboard',
  method: 'POST',
  path: '/dashboard/auth/resend-verification-email',
  auth: { kind: 'none' },
  summary: 'Send the verification mail again. The answer is the same for any address.',
  body: Strict({ email: Email }),
  success: {
    status: 200,
    data: Type.Object({}),
    message: 'If this address has an account that is not verified yet, a mail is on its way.',
  },
  problems: ['RATE_LIMITED'],
})

export const updatePreferences = defineEndpoint({
  id: 'updatePreferences',
  surface: 'dashboard',
  method: 'PATCH',
  path: '/dashboard/auth/preferences',
  auth: { kind: 'user', role: 'viewer' },
  summary: 'Save the environment that this user works in.',
  body: Strict({ preferredEnvironment: EnvironmentName }),
  success: {
    status: 200,
    data: Type.Object({ preferredEnvironment: EnvironmentName }),
    message: 'Preferences updated successfully',
  },
  problems: [],
})

export const getMe = defineEndpoint({
  id: 'getMe',
  surface: 'dashboard',
  method: 'GET',
  path: '/dashboard/auth/me',
  auth: { kind: 'user', role: 'viewer' },
  summary: 'The logged-in user, with tenant, plan, preference and environments.',
  success: {
    status: 200,
    data: Type.Object({
      id: IdOf('usr'),
      email: Type.String(),
      name: Type.String(),
      firstName: Type.String(),
      lastName: Type.String(),
      role: RoleName,
      isVerified: Type.Boolean(),
      preferredEnvironment: EnvironmentName,
      createdAt: Instant,
      tenant: Type.Object({ id: IdOf('tnt'), companyName: Type.String(), createdAt: Instant }),
      plan: Type.Object({ tier: TierName, monthlyAllotment: Nullable(Type.Integer()) }),
      environments: Type.Array(EnvironmentState),
    }),
  },
  problems: [],
})

export const updateMe = defineEndpoint({
  id: 'updateMe',
  surface: 'dashboard',
  method: 'PATCH',
  path: '/dashboard/auth/me',
  auth: { kind: 'user', role: 'viewer' },
  summary: 'Change the own name.',
  body: Strict({ firstName: Type.Optional(Name), lastName: Type.Optional(Name) }),
  success: {
    status: 200,
    data: Type.Object({
      id: IdOf('usr'),
      email: Type.String(),
      name: Type.String(),
      firstName: Type.String(),
      lastName: Type.String(),
    }),
    message: 'Profile updated successfully',
  },
  problems: [],
})

export const logout = defineEndpoint({
  id: 'logout',
  surface: 'dashboard',
  method: 'POST',
  path: '/dashboard/auth/logout',
  auth: { kind: 'user', role: 'viewer' },
  summary: 'End this token, or with `everywhere` all of this user.',
  body: Strict({ everywhere: Type.Optional(Type.Boolean()) }),
  success: { status: 200, data: Type.Object({}), message: 'Logged out.' },
  problems: [],
})
