// Upload rows as they come, from a query for instance, without a file in between.
import io.cdpbatch.Client
import io.cdpbatch.RunOptions
import io.cdpbatch.Source
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow

/** Stands for a database. */
fun query(): Flow<Map<String, Any>> = flow {
    for (number in 1..1_000) {
        emit(
            mapOf(
                "guestType" to "customer",
                "email" to "customer$number@example.com",
                "identifiers" to listOf(mapOf("provider" to "CRM", "id" to "C-$number")),
            ),
        )
    }
}

suspend fun main() = Client.fromEnv().use { client ->
    // The rows are bare values. Schema and mode make records of them, and a guest's ref is made from the e-mail address, so
    // that it is the same tomorrow. The flow is asked for no more than is being packed.
    val options = RunOptions(schema = "guest", mode = "upsert", refField = "email")
    val report = client.upload(Source.rows(query()), options)

    println("${report.counts.confirmed} of ${report.counts.read} rows are confirmed")
}
