/**
 * The house style as a test. Each finding names its place, why it is refused and what to write instead; the rules
 * themselves are in test/repository, each with tests of its own.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { reasonsForAssertions } from './repository/assertion-rules.ts'
import { deadFiles } from './repository/dead-files.ts'
import { docstrings } from './repository/docstring-rules.ts'
import { sqlInItsFiles, statementNames, timeAndRandomness } from './repository/domain-rules.ts'
import { importTable } from './repository/import-rules.ts'
import { fileNames } from './repository/naming-rules.ts'
import { fileLength, functionLength } from './repository/size-rules.ts'
import { type Finding, loadCode, repositoryPaths } from './repository/source-files.ts'
import { refusedTexts } from './repository/text-rules.ts'

describe('tidy', () => {
  const paths = repositoryPaths()
  const code = loadCode()

  it('imports follow the table of packages, apps and capabilities', () => nothingFound(importTable(code)))
  it('files and folders are named by what they know', () => nothingFound(fileNames(paths)))
  it('files have at most 600 lines', () => nothingFound(fileLength(code)))
  it('functions have at most 70 lines', () => nothingFound(functionLength(code)))
  it('`!` and `as` stand beside their reason', () => nothingFound(reasonsForAssertions(code)))
  it('exported functions and statements have a docstring', () => nothingFound(docstrings(code)))
  it('time and randomness come from outside the domain code', () => nothingFound(timeAndRandomness(code)))
  it('SQL is written in *.sql.ts files', () => nothingFound(sqlInItsFiles(code)))
  it('statements of an app have names of their own', () => nothingFound(statementNames(code)))
  it('no file is dead', () => nothingFound(deadFiles(code)))
  it('no marks, machine paths or registry hosts in any text', () => nothingFound(refusedTexts(paths)))
})

function nothingFound(findings: readonly Finding[]): void {
  const told = new Set(findings.map(({ path, line, message }) => `${path}:${line}  ${message}`))
  assert.equal(told.size, 0, `\n${[...told].join('\n')}\n`)
}
