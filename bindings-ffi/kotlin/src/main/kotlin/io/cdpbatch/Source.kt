package io.cdpbatch

import io.cdpbatch.internal.Pushed
import io.cdpbatch.internal.Source as NativeSource
import io.cdpbatch.internal.Writer as NativeWriter
import java.io.InputStream
import java.nio.file.Path
import java.util.stream.Stream
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.asFlow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.runInterruptible

/**
 * Where records come from. A source made of files can be read again and again; a stream, a flow or an iterator gives its
 * records once.
 *
 * The content of a file is NDJSON, one JSON array, or JSON over several lines; plain or gzip; in UTF-8. The content decides,
 * never the name. A row is a `Map` with text as keys, or JSON of one record as `String`, `ByteArray` or `JsonElement`; rows
 * are asked for no faster than they are packed. Of the values in a map, dates, times and UUIDs become text, and numbers keep
 * their digits.
 */
public class Source private constructor(internal val open: () -> Opened) {
    public companion object {
        /** A file, or several one after the other. Opened when its turn comes. */
        @JvmStatic
        public fun path(path: Path, vararg more: Path): Source = paths(listOf(path, *more))

        /** A file. */
        @JvmStatic
        public fun path(path: String): Source = paths(listOf(Path.of(path)))

        /** Files, one after the other. */
        @JvmStatic
        public fun paths(paths: List<Path>): Source = Source { Opened(NativeSource.paths(paths.map(Path::toString))) }

        /** The files that match a pattern such as `exports/&#42;&#42;/&#42;.ndjson.gz`, in the order of their paths. */
        @JvmStatic
        public fun glob(pattern: String): Source = Source { Opened(translated { NativeSource.glob(pattern) }) }

        /** The content of a file, in memory. */
        @JvmStatic
        public fun bytes(content: ByteArray): Source = Source { Opened(NativeSource.bytes(content)) }

        /** The content of a file, as text. */
        @JvmStatic
        public fun text(content: String): Source = bytes(content.encodeToByteArray())

        /**
         * The content of a file, from a stream, which is not closed.
         *
         * @param name what errors and rejects call it.
         */
        @JvmStatic
        @JvmOverloads
        public fun stream(stream: InputStream, name: String = "stream"): Source =
            Source { streamOf(name, stream) }

        /** Rows. */
        @JvmStatic
        public fun rows(rows: Iterable<*>): Source = rows(rows.asFlow())

        /** Rows. */
        @JvmStatic
        public fun rows(rows: Sequence<*>): Source = rows(rows.asFlow())

        /** Rows, from Java. */
        @JvmStatic
        public fun rows(rows: Stream<*>): Source = rows(flow { rows.iterator().forEach { emit(it) } })

        /** Rows. The flow is collected on a thread for input and output. */
        @JvmStatic
        public fun rows(rows: Flow<*>): Source = Source { rowsOf(rows) }
    }
}

/** A source that was opened, and what feeds it, if it is fed. */
internal class Opened(val source: NativeSource, val feed: Feed? = null)

/** Feeds a source from here. */
internal class Feed(private val writer: NativeWriter, private val everything: suspend (push: Push) -> Unit) {
    /** Feeds everything; stops without a word once nothing reads any more. */
    suspend fun run() {
        try {
            everything(writer::pushed)
            writer.finish()
        } catch (_: Unread) {
            // The outcome of the operation says why.
        }
    }

    /** Gives up: what was fed is not all. */
    fun abandon(): Unit = writer.abandon()
}

/** Takes a chunk once there is room for it. */
internal typealias Push = suspend (ByteArray) -> Unit

/** Nothing reads any more. */
internal class Unread : RuntimeException(null, null, false, false)

/** Takes a chunk once there is room for it. */
internal suspend fun NativeWriter.pushed(chunk: ByteArray) {
    while (true) {
        when (push(chunk)) {
            Pushed.TAKEN -> return
            Pushed.FULL -> room()
            Pushed.UNREAD -> throw Unread()
        }
    }
}

private fun rowsOf(rows: Flow<*>): Opened {
    val writer = NativeWriter.rows()
    val feed = Feed(writer) { push ->
        val lines = Rows()
        rows.collect { row -> if (lines.add(row)) push(lines.take()) }
        push(lines.take())
    }
    return Opened(writer.source(), feed)
}

private fun streamOf(name: String, stream: InputStream): Opened {
    val writer = NativeWriter.stream(name)
    return Opened(writer.source(), Feed(writer) { push -> stream.pieces().collect { push(it) } })
}

/** Bytes that are read at a time. */
private const val PIECE = 1 shl 16

private fun InputStream.pieces(): Flow<ByteArray> = flow {
    val buffer = ByteArray(PIECE)
    while (true) {
        // A thread that waits for a pipe is interrupted when the call is cancelled.
        val read = runInterruptible(Dispatchers.IO) { read(buffer) }
        if (read < 0) return@flow
        emit(buffer.copyOf(read))
    }
}
