/**
 * A file of the repository that is made from its sources and committed. A module in tools/generators that exports
 * `generators: readonly Generator[]` is picked up: `npm run gen` writes its files, `npm run check` fails when one
 * is stale.
 */
export interface Generator {
  /** What a person calls it, for example `OpenAPI of the Balance API`. */
  readonly name: string
  /** The committed file, relative to the root, with forward slashes. */
  readonly output: string
  /** Gives the whole text. The same sources must give the same text: no time, no randomness, no machine paths. */
  produce(): Promise<string> | string
}
