import { validationProblem } from '@pacspace/api/problem'

/** Trims a name that somebody typed. Raises VALIDATION_ERROR naming `path` if nothing is left. */
export function parseName(path: string, typed: string): string {
  const name = typed.trim()
  if (name === '') throw validationProblem(path, 'must not be blank')
  return name
}
