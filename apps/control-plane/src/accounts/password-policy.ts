import { validationProblem } from '@pacspace/api/problem'
import { isGuessablePassword } from './guessable-password.ts'

/** Shorter names are part of too many good passwords to be refused in them. */
const NAME_CHARACTERS_MIN = 4

export interface PasswordOwner {
  readonly email: string
  readonly companyName: string
}

/**
 * Refuses a password that is easily guessed: common, or containing the owner's e-mail or company name, whatever the case
 * and punctuation. Length is the definition's; there is no composition rule (product.md §4, check A-5).
 * Raises VALIDATION_ERROR naming `path`, default `/password`.
 */
export function checkPassword(password: string, owner: PasswordOwner, path = '/password'): void {
  if (isGuessablePassword(password))
    throw validationProblem(path, 'is among the passwords that are tried first; choose another')
  if (contains(password, localPartOf(owner.email)) || contains(password, owner.email)) {
    throw validationProblem(path, 'must not contain your e-mail address')
  }
  if (contains(password, owner.companyName)) {
    throw validationProblem(path, 'must not contain the name of your company')
  }
}

function contains(password: string, name: string): boolean {
  const wanted = lettersAndDigits(name)
  return wanted.length >= NAME_CHARACTERS_MIN && lettersAndDigits(password).includes(wanted)
}

function lettersAndDigits(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '')
}

/** Without a `+tag`, which mail servers ignore and people do not think of as their address. */
function localPartOf(email: string): string {
  const [local = ''] = email.split('@')
  return local.split('+')[0] ?? ''
}
