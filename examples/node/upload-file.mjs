// Upload a file and wait until the service has confirmed it.
import { Client } from 'cdp-batch'

// Reads CDP_REGION (or CDP_BASE_URL), CDP_CLIENT_KEY and CDP_API_TOKEN.
const client = Client.fromEnv()

// NDJSON, a JSON array or pretty-printed JSON; plain or gzip. Every record must be confirmed, or this throws.
const report = await client.upload('examples/data/guests.ndjson')

console.log(`${report.counts.confirmed} of ${report.counts.read} guests are confirmed`)
for (const batch of report.batches) {
  console.log(`one batch of ${batch.records} records: ${batch.status}`)
}
