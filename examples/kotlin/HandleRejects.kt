// Look at every refused record, and keep them in a file to fix and send again.
import io.cdpbatch.Client
import io.cdpbatch.RecordsRejectedException
import io.cdpbatch.Source
import java.nio.file.Path

suspend fun main() = Client.fromEnv().use { client ->
    try {
        client.upload(Source.path("examples/data/guests-with-faults.ndjson"))
        println("every record is confirmed")
    } catch (error: RecordsRejectedException) {
        // Whatever ended the run, what is known of it comes with the exception.
        val report = checkNotNull(error.report)
        println("${error.code}: ${report.counts.confirmed} of ${report.counts.read} records are confirmed")
        report.rejects.asFlow().collect { reject ->
            println("${reject.source}:${reject.line}: ${reject.code}: ${reject.message}")
        }

        // Exactly as they were read, so that the file can be corrected and uploaded.
        val written = report.writeRejects(Path.of(System.getProperty("java.io.tmpdir"), "rejects.ndjson"))
        println("$written rejects are written")
    }
}
