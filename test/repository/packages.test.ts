/** What the manifests and the lockfile promise: pinned, declared, and no more power at install time than agreed. */
import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { importsOf, packageName, workspaceOf } from './import-rules.ts'
import { isTest, loadCode, ROOT } from './source-files.ts'

interface Manifest {
  name: string
  version: string
  license?: string
  private?: boolean
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
  allowScripts?: Record<string, boolean>
}

interface Lockfile {
  packages: Record<
    string,
    { resolved?: string; integrity?: string; link?: boolean; inBundle?: boolean; hasInstallScript?: boolean }
  >
}

const root = read<Manifest>('package.json')
const workspaces = globSync('{packages,apps}/*/package.json', { cwd: ROOT }).sort()
const lockfile = read<Lockfile>('package-lock.json')

const SDK = 'packages/sdk'
/** Compiled into the published package, so that it depends on nothing. */
const BUNDLED_INTO_SDK = ['@pacspace/api', '@pacspace/proofs']

describe('packages', () => {
  it('K22 the lockfile pins every package by its hash and names no registry', () => {
    for (const [path, { link, inBundle, integrity, resolved }] of Object.entries(lockfile.packages)) {
      // What is bundled inside another package comes with that one, under its hash.
      if (!path.includes('node_modules/') || link || inBundle) continue
      assert.ok(integrity, `${path} has no integrity`)
      assert.equal(resolved, undefined, `${path} names a registry`)
    }
  })

  it('K22 install scripts run for exactly the packages that root package.json allows', () => {
    const withScripts = Object.entries(lockfile.packages)
      .filter(([, locked]) => locked.hasInstallScript)
      .map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length))
    assert.deepEqual([...new Set(withScripts)].sort(), Object.keys(root.allowScripts ?? {}).sort())
  })

  it('dependencies are exact versions, and every package is under the MIT licence', () => {
    for (const path of ['package.json', 'tools/node/package.json', ...workspaces]) {
      const manifest = read<Manifest>(path)
      assert.equal(manifest.license, 'MIT', path)
      for (const [name, range] of Object.entries(dependenciesOf(manifest))) {
        assert.match(range, /^\d+\.\d+\.\d+(-[\w.]+)?$/, `${path}: ${name} is not pinned`)
      }
    }
  })

  it('the SDK has no runtime dependencies', () => {
    assert.deepEqual(read<Manifest>(`${SDK}/package.json`).dependencies ?? {}, {})
  })

  it('the pinned Node is one version on every platform, the one tools/node is named after', () => {
    const { version, optionalDependencies = {} } = read<Manifest>('tools/node/package.json')
    assert.equal(Object.keys(optionalDependencies).length, 3)
    assert.deepEqual([...new Set(Object.values(optionalDependencies))], [version])
    assert.equal(process.versions.node, version, 'tests run under the pinned Node')
  })

  it('what a package imports is in its own package.json', () => {
    const undeclared = loadCode().flatMap((file) => {
      const workspace = workspaceOf(file.path)
      if (!workspace || !existsSync(join(ROOT, workspace, 'package.json'))) return []
      const manifest = read<Manifest>(`${workspace}/package.json`)
      const own = { ...dependenciesOf(manifest), [manifest.name]: manifest.version }
      // Tests may use what the root gives to all of them, and our own testing package.
      const allowed = isTest(file.path) ? { ...own, ...root.devDependencies, '@pacspace/testing': '' } : own
      return importsOf(file)
        .filter(({ specifier }) => {
          const name = packageName(specifier)
          const isOutside = !specifier.startsWith('.') && !isBuiltin(specifier) && !(name in allowed)
          return isOutside && !(workspace === SDK && BUNDLED_INTO_SDK.includes(name))
        })
        .map(({ specifier, line }) => `${file.path}:${line} ${specifier}`)
    })
    assert.deepEqual(undeclared, [])
  })
})

function dependenciesOf(manifest: Manifest): Record<string, string> {
  return { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies }
}

function read<T>(path: string): T {
  return JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as T
}
