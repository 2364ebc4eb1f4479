package io.cdpbatch

import io.cdpbatch.internal.Reject as NativeReject
import io.cdpbatch.internal.RejectReader
import io.cdpbatch.internal.Rejects as NativeRejects
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.runBlocking

/** Rejects that are fetched at a time. */
private const val AT_ONCE = 256u

/** Who refused a record. */
public enum class RefusedBy {
    /** The check, before anything was sent. */
    US,

    /** The service. */
    SERVICE,
}

/** A record that was refused. */
public class Reject internal constructor(private val native: NativeReject) {
    /** Who refused it. */
    public val by: RefusedBy get() = if (native.byService) RefusedBy.SERVICE else RefusedBy.US

    /** The source it came from, such as a file name; null if only the service's log is at hand. */
    public val source: String? get() = native.source

    /** The line it began on, counted from 1. */
    public val line: Long? get() = native.line?.toLong()

    /** Its ref, if it has one. */
    public val ref: String? get() = native.recordRef

    /** The batch it was in, if it was sent. */
    public val batch: String? get() = native.batch

    /** Where it lies in the uncompressed text of that batch, in bytes; null if it was not sent. */
    public val byteRange: LongRange? get() = native.start?.let { start -> native.end?.let { start.toLong() until it.toLong() } }

    /** Why: the rule that it broke, such as `envelope.ref`, or the service's code, such as `400`. */
    public val code: String get() = native.code

    /** Why, in words. */
    public val message: String get() = native.message

    /** What usually helps, in plain words, where the service refused it. */
    public val help: String? get() = native.help

    /** The record exactly as it was read, without its line break; empty if it is not at hand. */
    public val record: ByteArray get() = native.record

    /** The record as text. */
    public val text: String get() = native.record.decodeToString()
}

/**
 * Refused records in the order of the input, read lazily and as often as wanted: as a flow, or on this thread as an
 * `Iterable`.
 *
 * Reading throws [IoException] if the temporary file that holds many of them cannot be read.
 */
public class Rejects internal constructor(private val native: NativeRejects) : Iterable<Reject> {
    /** The records, from the first. */
    public fun asFlow(): Flow<Reject> = flow {
        native.reader().use { reader ->
            do {
                val next = reader.some()
                next.forEach { emit(it) }
            } while (next.isNotEmpty())
        }
    }

    /** The records, from the first. Blocks while it reads those that were too many for memory. */
    override fun iterator(): Iterator<Reject> = iterator {
        native.reader().use { reader ->
            do {
                val next = runBlocking { reader.some() }
                yieldAll(next)
            } while (next.isNotEmpty())
        }
    }

    private suspend fun RejectReader.some(): List<Reject> = translated { next(AT_ONCE) }.map(::Reject)
}
