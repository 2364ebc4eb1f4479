// Look at every refused record, and keep them in a file to fix and send again.
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, RecordsRejectedError } from 'cdp-batch'

const client = Client.fromEnv()
try {
  await client.upload('examples/data/guests-with-faults.ndjson')
  console.log('every record is confirmed')
} catch (error) {
  if (!(error instanceof RecordsRejectedError) || !error.report) throw error
  // Whatever ended the run, what is known of it comes with the error.
  const { report } = error
  console.log(`${error.code}: ${report.counts.confirmed} of ${report.counts.read} records are confirmed`)
  for await (const reject of report.rejects()) {
    console.log(`${reject.source}:${reject.line}: ${reject.code}: ${reject.message}`)
  }

  // Exactly as they were read, so that the file can be corrected and uploaded.
  const written = await report.writeRejects(join(tmpdir(), 'rejects.ndjson'))
  console.log(`${written} rejects are written`)
}
