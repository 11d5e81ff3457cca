// A real Bluesky server on loopback, with a directory of identities of its own. Ends when its standard input does,
// so also when its parent is killed.
//
// node pds.mjs [--rate-limits]   prints one line when it serves: {"url": "http://localhost:…"}
import fs from 'node:fs/promises'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import plc from '@did-plc/server'
import { Secp256k1Keypair } from '@atproto/crypto'
import { PDS } from '@atproto/pds'

async function freePorts(count) {
  const servers = await Promise.all(
    Array.from({ length: count }, () => new Promise((resolve, reject) => {
      const server = net.createServer().once('error', reject).listen(0, () => resolve(server))
    })),
  )
  const ports = servers.map((server) => server.address().port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

const [plcPort, port] = await freePorts(2)
const data = await fs.mkdtemp(path.join(os.tmpdir(), 'openpost-pds-'))
const rotationKey = await Secp256k1Keypair.create({ exportable: true })

const directory = plc.PlcServer.create({ db: plc.Database.mock(), port: plcPort })
const pds = await PDS.fromEnv({
  devMode: true,
  port,
  hostname: 'localhost',
  dataDirectory: data,
  blobstoreDiskLocation: path.join(data, 'blobs'),
  serviceHandleDomains: ['.test'],
  inviteRequired: false,
  disableSsrfProtection: true,
  rateLimitsEnabled: process.argv.includes('--rate-limits'),
  adminPassword: 'admin',
  jwtSecret: 'a secret of no importance, for tests',
  recoveryDidKey: (await Secp256k1Keypair.create()).did(),
  plcRotationKeyK256PrivateKeyHex: Buffer.from(await rotationKey.export()).toString('hex'),
  didPlcUrl: `http://localhost:${plcPort}`,
  // Not there: publishing needs no view of the network.
  bskyAppViewUrl: 'https://appview.invalid',
  bskyAppViewDid: 'did:example:invalid',
  bskyAppViewCdnUrlPattern: 'http://cdn.invalid/%s/%s/%s',
  modServiceUrl: 'https://moderator.invalid',
  modServiceDid: 'did:example:invalid',
})

let ending = false
async function end() {
  if (ending) return
  ending = true
  // Whoever keeps a connection open is not waited for.
  setTimeout(() => process.exit(0), 3000).unref()
  await fs.rm(data, { recursive: true, force: true })
  await Promise.allSettled([pds.destroy(), directory.destroy()])
  await fs.rm(data, { recursive: true, force: true })
  process.exit(0)
}
process.on('SIGTERM', end)
process.on('SIGINT', end)
process.stdin.on('end', end).on('error', end).resume()

await directory.start()
await pds.start()
console.log(JSON.stringify({ url: `http://localhost:${port}`, data }))
