package io.cdpbatch

import io.cdpbatch.testing.Emulator
import java.math.BigDecimal
import java.nio.file.Files
import java.nio.file.Path
import java.time.Instant
import java.util.concurrent.TimeUnit
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.flow.count
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir

class CallTest {
    @Test
    fun `many calls of one client go on at once`() = runBlocking {
        withService { emulator, client ->
            val uploads = (0 until 16).map { number ->
                async { client.upload(Source.rows(listOf(guest(number), guest(1_000 + number))), GUESTS) }
            }
            assertEquals(32, uploads.awaitAll().sumOf { it.counts.confirmed })
            assertEquals(32, emulator.arrived().size)
        }
    }

    @Test
    fun `rows may be maps text bytes and of any kind of sequence`() = runBlocking {
        withService { emulator, client ->
            val rows: List<Any> = listOf(guest(1), jsonOf(guest(2)), jsonOf(guest(3)).encodeToByteArray())
            assertEquals(3, client.upload(Source.rows(rows), GUESTS).counts.confirmed)
            assertEquals(3, client.upload(Source.rows(rows.asSequence()), GUESTS).counts.confirmed)
            assertEquals(3, client.upload(Source.rows(rows.stream()), GUESTS).counts.confirmed)
            val lines = rows.take(2).joinToString("\n") { it as? String ?: jsonOf(it) }.byteInputStream()
            assertEquals(2, client.upload(Source.stream(lines), GUESTS).counts.confirmed)
            assertEquals(11, emulator.arrived().size)
        }
    }

    @Test
    fun `values become the JSON that they are`() {
        val value = mapOf(
            "text" to "a\"\n\u0001é",
            "digits" to BigDecimal("12345678901234567890.10"),
            "at" to Instant.ofEpochSecond(0),
            "nothing" to null,
            "list" to listOf(1, 2L, true, 0.5),
        )
        val json = """{"text":"a\"\n\u0001é","digits":12345678901234567890.10,"at":"1970-01-01T00:00:00Z","nothing":null,"list":[1,2,true,0.5]}"""
        assertEquals(json, jsonOf(value))
    }

    @Test
    fun `a row without JSON ends the call and says which row and where`() = runBlocking {
        withService { emulator, client ->
            val rows = listOf(guest(1), guest(2) + ("extensions" to listOf(mapOf("score" to Double.NaN))))
            val error = assertThrows<InvalidRecordException> { client.upload(Source.rows(rows), GUESTS) }
            assertEquals("row 2: extensions[0].score: NaN is no number that JSON has", error.message)
            assertEquals(2L, error.line)
            assertEquals("rows", error.source)
            assertTrue(error.runId!!.isNotEmpty())
            assertEquals(0, emulator.arrived().size)
        }
    }

    @Test
    fun `an exception has the fields and the report of its run`() = runBlocking {
        withService { _, client ->
            val source = Source.text("""{"ref":"no uuid","schema":"guest","mode":"upsert","value":{}}""")
            val error = assertThrows<RecordsRejectedException> { client.upload(source, RunOptions(runId = "nightly")) }
            assertEquals("records_rejected", error.code)
            assertEquals("nightly", error.runId)
            assertEquals("report", error.stage)
            assertFalse(error.isRetryable)
            val report = checkNotNull(error.report)
            assertEquals(1, report.counts.rejected)
            assertEquals("envelope.ref", report.summary.single().code)
            assertEquals(RefusedBy.US, report.rejects.asFlow().first().by)
        }
    }

    @Test
    fun `options of the class and further ones come together`() = runBlocking<Unit> {
        withService { _, client ->
            val known = RunOptions(check = Check.MODEL, wait = Wait(timeoutMs = 5), more = mapOf("levle" to 3))
            val error = assertThrows<InvalidOptionsException> { client.validate(Source.text("{}"), known) }
            assertEquals("there is no option levle; the nearest one is level", error.message)
            val wrong = assertThrows<InvalidOptionsException> { client.startUpload(Source.text("{}"), RunOptions(level = 10)) }
            assertTrue(wrong.message.startsWith("level is 10"), wrong.message)
        }
    }

    @Test
    fun `a flow that is left early disturbs nothing`() = runBlocking {
        withService { _, client ->
            val refused = (1..1_000).joinToString("\n") { """{"ref":$it}""" }
            val operation = client.startUpload(Source.text(refused), RunOptions(raiseOn = RaiseOn.NEVER))
            operation.events().first()
            val report = operation.await()
            assertEquals(1L, report.rejects.asFlow().first().line)
            assertEquals(1_000, report.rejects.asFlow().count())
            assertEquals(1L, report.rejects.first().line)
            assertTrue(operation.events().toList().last() is Event.Done)
        }
    }

    @Test
    fun `a closed client says so and work under way goes on`() = runBlocking<Unit> {
        Emulator().use { emulator ->
            val client = emulator.client()
            val operation = client.startUpload(Source.rows((0 until 100).map(::guest)), GUESTS)
            client.close()
            client.close()
            assertEquals(100, operation.await().counts.confirmed)
            assertThrows<ClosedException> { client.upload(Source.text("{}")) }
            assertThrows<ClosedException> { client.batch("x").startStatus() }
        }
    }

    @Test
    fun `a run that was submitted is waited for with its events and once`() = runBlocking<Unit> {
        withService { emulator, client ->
            val run = client.submit(Source.rows((0 until 5).map(::guest)), GUESTS)
            assertEquals(emulator.batches().map { it.jsonObject.getValue("ref").jsonPrimitive.content }, run.refs)
            val waiting = run.startWait()
            val events = async { waiting.events().toList() }
            assertEquals(5, waiting.await().counts.confirmed)
            assertTrue(events.await().any { it is Event.Status && it.to == "success" })
            assertThrows<ClosedException> { run.wait() }
        }
    }

    @Test
    fun `files are packed and checked without a service`(@TempDir folder: Path) = runBlocking<Unit> {
        val client = Client.at("http://127.0.0.1:9", "key", "token")
        val packed = client.pack(Source.rows((0 until 7).map(::guest)), folder, GUESTS)
        assertEquals(7, packed.counts.packed)
        assertEquals(packed.parts.single().size, Files.size(Path.of(packed.parts.single().path)))
        val checked = client.validate(Source.text("""{"ref":1}"""))
        assertFalse(checked.isOk)
        assertEquals(Severity.ERROR, checked.findings.first().severity)
    }

    @Test
    fun `the journal tells of runs and the list of batches`(@TempDir folder: Path) = runBlocking<Unit> {
        Emulator().use { emulator ->
            emulator.client(GUESTS.copyWith(runId = "nightly", stateDir = folder)).use { client ->
                client.upload(Source.rows(listOf(guest(1))))
                assertEquals(listOf("nightly" to "finished"), client.runs().map { it.runId to it.state })
                assertEquals(0, client.reconcile().unknown.size)
                val batch = client.batches(BatchQuery(status = listOf("success"), limit = 5)).asFlow().toList().single()
                assertEquals(1L, client.batch(batch.ref).wait().stats?.succeeded)
                assertEquals(1L, client.report(listOf(batch.ref)).counts.confirmed)
                assertEquals(0, client.batch(batch.ref).errors().count())
                assertThrows<InvalidOptionsException> { client.batch("no ref").status() }
            }
        }
    }

    @Test
    fun `a program ends by itself while a client is open and an upload is under way`() {
        val java = ProcessHandle.current().info().command().orElse("java")
        val program = ProcessBuilder(
            java,
            "-Djna.library.path=${System.getProperty("jna.library.path")}",
            "--class-path",
            System.getProperty("java.class.path"),
            "io.cdpbatch.ExitKt",
        )
        val process = program.redirectErrorStream(true).start()
        val said = process.inputStream.bufferedReader().readText()
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), said)
        assertEquals("waiting\n" to 0, said to process.exitValue())
    }
}
