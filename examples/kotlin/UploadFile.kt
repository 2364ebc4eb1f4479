// Upload a file and wait until the service has confirmed it.
import io.cdpbatch.Client
import io.cdpbatch.Source

// Reads CDP_REGION (or CDP_BASE_URL), CDP_CLIENT_KEY and CDP_API_TOKEN.
suspend fun main() = Client.fromEnv().use { client ->
    // NDJSON, a JSON array or pretty-printed JSON; plain or gzip. Every record must be confirmed, or this throws.
    val report = client.upload(Source.path("examples/data/guests.ndjson"))

    println("${report.counts.confirmed} of ${report.counts.read} guests are confirmed")
    for (batch in report.batches) println("one batch of ${batch.records} records: ${batch.status}")
}
