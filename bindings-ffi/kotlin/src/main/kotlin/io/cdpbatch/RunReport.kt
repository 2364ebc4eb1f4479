package io.cdpbatch

import io.cdpbatch.internal.Report
import java.nio.file.Path
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.Serializable

/** How many records went which way. `read == confirmed + rejected + unknown`. */
@Serializable
public data class Counts(
    /** Records read from the source, bad ones included. */
    val read: Long,
    /** Records put into parts. */
    val packed: Long,
    /** Records in parts that storage accepted. */
    val sent: Long,
    /** Records the service confirmed. */
    val confirmed: Long,
    /** Records refused, by us or by the service. */
    val rejected: Long,
    /** Records whose fate is not known: not sent, not yet processed, or in a batch that failed as a whole. */
    val unknown: Long,
)

/** One batch of a run. */
@Serializable
public data class BatchReport(
    /** Its ref, a UUID. */
    val ref: String,
    /** The service's last word on it; `packed` before it was sent. */
    val status: String,
    /** Its size in bytes. */
    val size: Long? = null,
    /** Its MD5 in hex. */
    val md5: String? = null,
    /** Records packed into it; null if another process did. */
    val records: Long? = null,
    /** Records the service read. */
    val total: Long? = null,
    /** Records the service took. */
    val succeeded: Long? = null,
    /** Records the service refused. */
    val failed: Long? = null,
    /** Records that its error log refuses; null without a log. It may disagree with [failed]. */
    val logged: Long? = null,
    /** When it was allocated, as the service spells it. */
    val createdAt: String? = null,
    /** When it last changed, as the service spells it. */
    val modifiedAt: String? = null,
)

/** Where to find a refused record. */
@Serializable
public data class Example(
    /** Its source, if known. */
    val source: String? = null,
    /** Its line, counted from 1, if known. */
    val line: Long? = null,
    /** Its ref, if it has one. */
    val ref: String? = null,
)

/** Records that were refused for the same reason. */
@Serializable
public data class Reason(
    /** The rule that was broken, or the service's code. */
    val code: String,
    /** The message, with what differs from record to record replaced by `...`. */
    val message: String,
    /** How many records. */
    val count: Long,
    /** What usually helps, in plain words; null where nobody knows, or where the message says it. */
    val help: String? = null,
    /** Some of them. */
    val examples: List<Example> = emptyList(),
)

/** What came of a run. */
public class RunReport internal constructor(private val native: Report) {
    private val json = native.json()
    private val known = JSON.decodeFromString<Known>(json)

    /** The run's name; empty in a report made from refs alone. */
    public val runId: String get() = known.runId

    /** Whether every record read was confirmed. */
    public val isOk: Boolean get() = known.ok

    /** Whether this run found parts that were sent before. */
    public val isResumed: Boolean get() = known.resumed

    /** How many records went which way. */
    public val counts: Counts get() = known.counts

    /** Every batch, in order. */
    public val batches: List<BatchReport> get() = known.batches

    /** Why records were refused: equal reasons together, the most frequent first. */
    public val summary: List<Reason> get() = known.summary

    /** Why records that the service took must be sent again: a deletion that matched several guests deleted one. */
    public val repeats: List<Reason> get() = known.repeats

    /** Every record that was refused, in the order of the input. */
    public val rejects: Rejects = Rejects(native.rejects())

    /**
     * Writes the refused records as they were read, one a line, to be corrected and uploaded again. The reasons go to a file
     * beside it, with `.reasons.jsonl` after its name: a line for each record.
     *
     * @param path the file, which is replaced.
     * @return how many were written; those whose record is not at hand are left out.
     * @throws IoException the file cannot be written.
     */
    public suspend fun writeRejects(path: Path): Long = translated { native.writeRejects(path.toString()) }.toLong()

    /** As [writeRejects], on this thread. */
    public fun writeRejectsBlocking(path: Path): Long = runBlocking { writeRejects(path) }

    /** The report as JSON with the names of every language; without the rejects. */
    public fun toJson(): String = json

    override fun toString(): String = "RunReport(runId=$runId, isOk=$isOk, counts=$counts)"
}

/** What a report's JSON holds. */
@Serializable
private class Known(
    val runId: String,
    val ok: Boolean,
    val resumed: Boolean,
    val counts: Counts,
    val batches: List<BatchReport>,
    val summary: List<Reason>,
    val repeats: List<Reason>,
)
