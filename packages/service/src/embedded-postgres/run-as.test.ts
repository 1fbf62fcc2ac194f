import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ClusterError } from './cluster-error.ts'
import { mayExecute, unprivilegedUser } from './run-as.ts'

const root = 'root:x:0:0:root:/root:/bin/bash'
const nobody = 'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin'
const postgres = 'postgres:x:101:104:PostgreSQL administrator,,,:/var/lib/postgresql:/bin/bash'

describe('unprivilegedUser', () => {
  it('prefers postgres to nobody, whatever their order', () => {
    assert.deepEqual(unprivilegedUser([root, nobody, postgres].join('\n')), { uid: 101, gid: 104 })
    assert.deepEqual(unprivilegedUser([root, nobody].join('\n')), { uid: 65534, gid: 65534 })
  })

  it('never takes root by another name, nor a uid below zero', () => {
    const disguised = ['postgres:x:0:0::/:/bin/sh', 'nobody:*:-2:-2:Unprivileged:/var/empty:/usr/bin/false']
    assert.throws(
      () => unprivilegedUser(disguised.join('\n')),
      (error) => error instanceof ClusterError && error.code === 'RUN_AS_USER_MISSING',
    )
  })
})

describe('mayExecute', () => {
  const user = { uid: 101, gid: 104 }
  const cases = [
    { title: 'everybody may', uid: 0, gid: 0, mode: 0o711, may: true },
    { title: 'only root may', uid: 0, gid: 0, mode: 0o700, may: false },
    { title: 'the group may', uid: 0, gid: 104, mode: 0o710, may: true },
    { title: 'the owner may', uid: 101, gid: 0, mode: 0o700, may: true },
    { title: 'the owner may not although others may', uid: 101, gid: 0, mode: 0o677, may: false },
    { title: 'the group may not although others may', uid: 0, gid: 104, mode: 0o701, may: false },
  ]
  for (const { title, may, ...stats } of cases) {
    it(title, () => assert.equal(mayExecute(stats, user), may))
  }
})
