/** Class names in one text, without those that are off. */
export function classes(...names: readonly (string | false | undefined | null)[]): string {
  return names.filter((name) => typeof name === 'string' && name !== '').join(' ')
}
