package io.cdpbatch

import io.cdpbatch.testing.Emulator
import java.io.PipedInputStream
import java.io.PipedOutputStream
import java.nio.file.Path
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertSame
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir

class CancelTest {
    @Test
    fun `cancelling the coroutine cancels the work and leaves a run that is carried on with`(@TempDir folder: Path) = runBlocking {
        val options = GUESTS.copyWith(runId = "nightly", stateDir = folder)
        val rows = (0 until 50).map(::guest)
        Emulator(recordsPerSecond = 10.0).use { emulator ->
            emulator.client(options).use { client ->
                val operation = client.startUpload(Source.rows(rows))
                var known: Throwable? = null
                val upload = launch {
                    try {
                        operation.await()
                    } catch (cancellation: CancellationException) {
                        known = cancellation.suppressed.single()
                        throw cancellation
                    }
                }
                operation.events().first { it is Event.Uploaded }
                upload.cancelAndJoin()
                assertEquals("nightly", (known as CancelledException).runId)
                val report = client.upload(Source.rows(rows))
                assertEquals(50, report.counts.confirmed)
                assertTrue(report.isResumed)
                assertEquals(50, emulator.arrived().size)
            }
        }
    }

    @Test
    fun `cancelling an operation ends it with an exception of ours`() = runBlocking<Unit> {
        withService(Emulator(recordsPerSecond = 1.0)) { _, client ->
            val operation = client.startUpload(Source.rows((0 until 50).map(::guest)), GUESTS)
            operation.events().first { it is Event.Started }
            operation.cancel()
            operation.cancel()
            assertThrows<CancelledException> { operation.await() }
            assertThrows<CancelledException> { operation.await() }
        }
    }

    @Test
    fun `a flow that waits for its next row is cancelled with the call`() = runBlocking<Unit> {
        withService { _, client ->
            val ended = CompletableDeferred<Unit>()
            val rows = flow {
                emit(guest(1))
                try {
                    awaitCancellation()
                } finally {
                    ended.complete(Unit)
                }
            }
            val operation = client.startUpload(Source.rows(rows), GUESTS)
            operation.events().first { it is Event.Started }
            operation.close()
            assertThrows<CancelledException> { operation.await() }
            ended.await()
        }
    }

    @Test
    fun `a stream that nobody writes to does not keep a cancelled call`() = runBlocking<Unit> {
        withService { _, client ->
            val operation = client.startUpload(Source.stream(PipedInputStream(PipedOutputStream())))
            operation.cancel()
            assertThrows<CancelledException> { operation.await() }
        }
    }

    @Test
    fun `what a source throws is the cause and half its rows are never taken for all`() = runBlocking {
        withService { emulator, client ->
            val reason = IllegalStateException("the query broke off")
            val rows = flow {
                repeat(10) { emit(guest(it)) }
                throw reason
            }
            val error = assertThrows<CancelledException> { client.upload(Source.rows(rows), GUESTS) }
            assertSame(reason, generateSequence<Throwable>(error) { it.cause }.last())
            assertEquals("the source failed: the query broke off", error.message)
            assertTrue(error.runId!!.isNotEmpty())
            assertEquals(0, emulator.arrived().size)
        }
    }

    @Test
    fun `a writer that is closed before it is finished gives the run up`() = runBlocking {
        withService { emulator, client ->
            client.writer(GUESTS).use { it.write(guest(1)) }
            client.writer(GUESTS).use { writer ->
                writer.write(guest(2))
                assertEquals(1, writer.finish().counts.confirmed)
                assertEquals(1, writer.finish().counts.confirmed)
                assertThrows<ClosedException> { writer.write(guest(3)) }
            }
            assertEquals(1, emulator.arrived().size)
        }
    }
}
