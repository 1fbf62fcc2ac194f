/**
 * A file of the repository that is made from its sources and committed. Drop a module into tools/generators that
 * exports `generators: readonly Generator[]` and `npm run gen` writes it, `npm run check` fails when it is stale.
 */
export interface Generator {
  /** What a person calls it, for example `OpenAPI of the Balance API`. */
  readonly name: string
  /** The committed file, relative to the root, with forward slashes. */
  readonly output: string
  /** Gives the file's whole text. The same sources must give the same text: no time, no randomness, no machine paths. */
  produce(tools: GeneratorTools): Promise<string> | string
}

/** What generators may use beyond the sources. */
export interface GeneratorTools {
  /** URL of a running PostgreSQL whose databases may be created and dropped; started on the first call. */
  postgresUrl(): Promise<string>
}
