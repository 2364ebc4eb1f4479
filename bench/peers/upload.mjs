// upload.mjs PATH: uploads a file, as the command line does.
import { Client } from 'cdp-batch'

const client = Client.fromEnv({ wait: { minMs: 5, maxMs: 20 } })
await client.upload({ path: process.argv[2] }, { threads: 2 })
