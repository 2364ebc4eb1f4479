package io.cdpbatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cdpbatch.testing.Emulator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What Java sees: nothing of coroutines. */
class JavaTest {
    private static final RunOptions GUESTS = RunOptions.builder().schema("guest").mode("upsert").refField("email").build();

    private static Stream<Map<String, Object>> guests(int count) {
        return IntStream.range(0, count).mapToObj(number -> Map.of("guestType", "customer", "email", number + "@example.com",
            "identifiers", List.of(Map.of("provider", "CRM", "id", "C-" + number))));
    }

    @Test
    void a_stream_of_maps_is_uploaded_and_waited_for_on_this_thread() throws InterruptedException {
        try (Emulator emulator = new Emulator(); Client client = emulator.client()) {
            RunReport report = client.startUpload(Source.rows(guests(500)), GUESTS).get();
            assertEquals(500, report.getCounts().getConfirmed());
            assertTrue(report.isOk());
            assertEquals(500, emulator.arrived().size());
        }
    }

    @Test
    void many_uploads_go_on_at_once_as_futures() {
        try (Emulator emulator = new Emulator(); Client client = emulator.client()) {
            List<CompletableFuture<RunReport>> uploads = new ArrayList<>();
            for (int index = 0; index < 8; index++) {
                uploads.add(client.startUpload(Source.rows(guests(20)), GUESTS).future());
            }
            for (CompletableFuture<RunReport> upload : uploads) {
                assertEquals(20, upload.join().getCounts().getConfirmed());
            }
        }
    }

    @Test
    void an_error_is_thrown_as_it_is_by_get_and_wrapped_by_a_future() {
        try (Emulator emulator = new Emulator(); Client client = emulator.client()) {
            Source none = Source.path("no-such-file.ndjson");
            IoException thrown = assertThrows(IoException.class, () -> client.startUpload(none).get());
            assertEquals("io", thrown.getCode());
            assertEquals("no-such-file.ndjson", thrown.getSource());
            CompletionException wrapped = assertThrows(CompletionException.class, () -> client.startUpload(none).future().join());
            assertInstanceOf(IoException.class, wrapped.getCause());
        }
    }

    @Test
    void cancelling_a_future_cancels_the_upload() {
        try (Emulator emulator = new Emulator("{}", 1.0); Client client = emulator.client()) {
            Operation<RunReport> upload = client.startUpload(Source.rows(guests(100)), GUESTS);
            CompletableFuture<RunReport> future = upload.future();
            future.cancel(true);
            assertThrows(CancellationException.class, future::join);
            assertThrows(CancelledException.class, upload::get);
        }
    }

    @Test
    void interrupting_the_thread_that_waits_cancels_the_upload() {
        try (Emulator emulator = new Emulator("{}", 1.0); Client client = emulator.client()) {
            Operation<RunReport> upload = client.startUpload(Source.rows(guests(100)), GUESTS);
            Thread.currentThread().interrupt();
            assertThrows(InterruptedException.class, upload::get);
            assertThrows(CancelledException.class, upload::get);
        }
    }

    @Test
    void rows_are_written_one_by_one() {
        try (Emulator emulator = new Emulator(); Client client = emulator.client(); Writer writer = client.writer(GUESTS)) {
            guests(300).forEach(writer::writeBlocking);
            assertEquals(300, writer.finishBlocking().getCounts().getConfirmed());
        }
    }

    @Test
    void rejects_and_batches_are_read_in_a_loop() throws InterruptedException {
        try (Emulator emulator = new Emulator(); Client client = emulator.client()) {
            RunOptions quiet = RunOptions.builder().raiseOn(RaiseOn.NEVER).build();
            RunReport report = client.startUpload(Source.text("{\"ref\":1}\n{\"ref\":2}\n"), quiet).get();
            List<Long> lines = new ArrayList<>();
            for (Reject reject : report.getRejects()) {
                lines.add(reject.getLine());
            }
            assertEquals(List.of(1L, 2L), lines);
            client.startUpload(Source.rows(guests(3)), GUESTS).get();
            int listed = 0;
            for (BatchInfo batch : client.batches()) {
                assertEquals("success", batch.getStatus());
                listed += 1;
            }
            assertEquals(1, listed);
        }
    }
}
