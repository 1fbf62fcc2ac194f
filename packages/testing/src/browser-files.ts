/** Set by the test runner to the test files that `test/browser/together.ts` runs: relative to the root, `:` between them. */
export const browserFilesVariable = 'PACSPACE_TEST_BROWSER_FILES'
