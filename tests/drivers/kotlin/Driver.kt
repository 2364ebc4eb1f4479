// The behaviour suite's driver for Kotlin: does what one JSON object a line asks for, through the public API, and answers the
// same way. `tests/README.md` describes the protocol.
@file:OptIn(ExperimentalSerializationApi::class)

import io.cdpbatch.BatchQuery
import io.cdpbatch.CdpBatchException
import io.cdpbatch.Client
import io.cdpbatch.ClientOptions
import io.cdpbatch.Event
import io.cdpbatch.Operation
import io.cdpbatch.Reject
import io.cdpbatch.Rejects
import io.cdpbatch.Run
import io.cdpbatch.RunOptions
import io.cdpbatch.RunReport
import io.cdpbatch.Source
import java.nio.file.Path
import java.time.OffsetDateTime
import java.util.Base64
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.ExperimentalSerializationApi
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNamingStrategy
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.encodeToJsonElement
import kotlinx.serialization.json.int
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive

/** Values of the public API, under their JSON names. */
private val json = Json {
    namingStrategy = JsonNamingStrategy.SnakeCase
    encodeDefaults = true
}

private lateinit var client: Client
private lateinit var run: Run
private lateinit var report: RunReport
private val events = mutableListOf<JsonElement>()

fun main() = runBlocking {
    warmUp()
    for (line in generateSequence(::readLine)) {
        val request = Json.parseToJsonElement(line).jsonObject
        println(JsonObject(answer(request) + ("id" to request.getValue("id"))))
    }
}

/** The first event of a JVM comes late, as classes are loaded for it: too late to cancel a call of milliseconds. */
private suspend fun warmUp() = Client.at("http://127.0.0.1:9", "key", "token").use {
    val operation = it.startValidate(Source.text("{}"))
    listen(operation.events())
    operation.await()
    operation.cancel()
}

private suspend fun answer(request: JsonObject): JsonObject {
    events.clear()
    val outcome =
        try {
            "ok" to act(request)
        } catch (error: CdpBatchException) {
            "error" to told(error)
        }
    return JsonObject(mapOf(outcome, "events" to JsonArray(events.toList())))
}

private suspend fun act(request: JsonObject): JsonElement {
    val options = RunOptions(more = request["options"]?.jsonObject.orEmpty())
    return when (val op = request.text("op")) {
        "client" -> {
            client = made(request, ClientOptions(run = options))
            JsonObject(emptyMap())
        }
        "upload" -> reported(heard(client.startUpload(source(request), options), request))
        "submit" -> {
            run = heard(client.startSubmit(source(request), options), request)
            buildJsonObject {
                put("run_id", JsonPrimitive(run.runId))
                put("refs", json.encodeToJsonElement(run.refs))
            }
        }
        "run_wait" -> reported(heard(run.startWait(), request))
        "writer" -> client.writer(options).use { writer ->
            coroutineScope {
                launch { listen(writer.events()) }
                request.getValue("rows").jsonArray.forEach { writer.write(it.jsonPrimitive.content) }
                reported(writer.finish())
            }
        }
        "wait" -> json.encodeToJsonElement(client.wait(request.texts("refs"), options))
        "report" -> reported(client.report(request.texts("refs")))
        "batch_status" -> json.encodeToJsonElement(client.batch(request.text("ref")).status())
        "batch_wait" -> json.encodeToJsonElement(client.batch(request.text("ref")).wait())
        "batch_errors" -> listed(client.batch(request.text("ref")).errors())
        "batches" -> JsonArray(client.batches(query(request)).asFlow().map { json.encodeToJsonElement(it) }.toList())
        "validate" -> json.encodeToJsonElement(client.validate(source(request), options))
        "pack" -> {
            val packed = client.pack(source(request), Path.of(request.text("out")), options)
            buildJsonObject {
                put("parts", json.encodeToJsonElement(packed.parts))
                put("counts", json.encodeToJsonElement(packed.counts))
                put("rejects", listed(packed.rejects))
            }
        }
        "write_rejects" ->
            JsonObject(mapOf("written" to JsonPrimitive(report.writeRejects(Path.of(request.text("path"))))))
        else -> error("there is no operation $op")
    }
}

private fun made(request: JsonObject, options: ClientOptions): Client {
    val (key, token) = listOf(request.text("client_key"), request.text("api_token"))
    return request["region"]?.let { Client.inRegion(it.jsonPrimitive.content, key, token, options) }
        ?: Client.at(request.text("base_url"), key, token, options)
}

/** Waits for an operation, keeps its events, and cancels it once after one of the type that the request names. */
private suspend fun <T> heard(operation: Operation<T>, request: JsonObject): T = coroutineScope {
    launch {
        listen(operation.events()) { if (it == request["cancel_after_event"]) operation.cancel() }
    }
    // The last event comes before the end is told; both are waited for, also when it is an error.
    runCatching { operation.await() }
}.getOrThrow()

private suspend fun listen(told: Flow<Event>, look: (type: JsonElement?) -> Unit = {}) = told.collect {
    val event = json.encodeToJsonElement(it)
    events += event
    look(event.jsonObject["type"])
}

private fun source(request: JsonObject): Source {
    val (kind, value) = request.getValue("source").jsonObject.entries.single()
    return when (kind) {
        "path" -> Source.path(value.jsonPrimitive.content)
        "paths" -> Source.paths(value.jsonArray.map { Path.of(it.jsonPrimitive.content) })
        "glob" -> Source.glob(value.jsonPrimitive.content)
        "text" -> Source.text(value.jsonPrimitive.content)
        else -> Source.bytes(Base64.getDecoder().decode(value.jsonPrimitive.content))
    }
}

private fun query(request: JsonObject): BatchQuery {
    val query = request["query"]?.jsonObject.orEmpty()
    fun time(name: String) = query[name]?.let { OffsetDateTime.parse(it.jsonPrimitive.content).toInstant() }
    return BatchQuery(
        status = query["status"]?.jsonArray.orEmpty().map { it.jsonPrimitive.content },
        createdAfter = time("created_after"),
        createdBefore = time("created_before"),
        limit = query["limit"]?.jsonPrimitive?.int,
        modifiedAfter = time("modified_after"),
        modifiedBefore = time("modified_before"),
        refPrefix = query["ref_prefix"]?.jsonPrimitive?.content,
        sort = query["sort"]?.jsonPrimitive?.content,
    )
}

private suspend fun reported(of: RunReport): JsonElement {
    report = of
    return reportValue(of)
}

private suspend fun reportValue(of: RunReport): JsonElement =
    JsonObject(Json.parseToJsonElement(of.toJson()).jsonObject + ("rejects" to listed(of.rejects)))

private suspend fun listed(rejects: Rejects): JsonElement = JsonArray(rejects.asFlow().map(::rejectValue).toList())

private fun rejectValue(reject: Reject): JsonElement = values(
    "by" to reject.by.name.lowercase(),
    "source" to reject.source,
    "line" to reject.line,
    "ref" to reject.ref,
    "batch" to reject.batch,
    "byte_range" to reject.byteRange?.let { listOf(it.first, it.last + 1) },
    "code" to reject.code,
    "message" to reject.message,
    "record" to reject.text,
)

private suspend fun told(error: CdpBatchException): JsonElement {
    val fields = values(
        "code" to error.code,
        "message" to error.message,
        "stage" to error.stage,
        "retryable" to error.isRetryable,
        "attempts" to error.attempts,
        "http_status" to error.httpStatus,
        "request_id" to error.requestId,
        "retry_after_ms" to error.retryAfterMs,
        "run_id" to error.runId,
        "refs" to error.refs,
        "source" to error.source,
        "line" to error.line,
    )
    val known = error.report ?: return fields
    report = known
    return JsonObject(fields + ("report" to reportValue(known)))
}

private fun values(vararg fields: Pair<String, Any?>): JsonObject = JsonObject(fields.associate { (name, of) -> name to value(of) })

private fun value(of: Any?): JsonElement = when (of) {
    null -> JsonNull
    is Boolean -> JsonPrimitive(of)
    is Number -> JsonPrimitive(of)
    is List<*> -> JsonArray(of.map(::value))
    else -> JsonPrimitive(of.toString())
}

private fun JsonObject.text(name: String): String = getValue(name).jsonPrimitive.content

private fun JsonObject.texts(name: String): List<String> = getValue(name).jsonArray.map { it.jsonPrimitive.content }
