package io.cdpbatch

import io.cdpbatch.internal.Packed
import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/** How much a finding matters. */
@Serializable
public enum class Severity {
    /** The record would be sent. */
    @SerialName("warning")
    WARNING,

    /** The record would not be sent. */
    @SerialName("error")
    ERROR,
}

/** One remark about one place of a record. */
@Serializable
public data class Finding(
    /** The source of the record, such as a file name. */
    val source: String,
    /** The line it began on, counted from 1. */
    val line: Long,
    /** The place in it, such as `$.value.identifiers[0].id`. */
    val path: String,
    /** The rule's stable name, such as `envelope.ref`. */
    val rule: String,
    /** How much it matters. */
    val severity: Severity,
    /** What is wrong and what is expected. */
    val message: String,
    /** Where the rule is from. */
    val section: String,
)

/** What a check found. */
@Serializable
public data class CheckReport(
    /** Records read. */
    val read: Long,
    /** Records with an error: they would not be sent. */
    val invalid: Long,
    /** Errors found. */
    val errors: Long,
    /** Warnings found: the record would be sent. */
    val warnings: Long,
    /** Each error and warning with its place, in the order of the input. */
    val findings: List<Finding>,
) {
    /** Whether every record would be sent. */
    public val isOk: Boolean get() = invalid == 0L
}

/** A file made by packing. */
@Serializable
public data class Part(
    /** The gzip file. */
    val path: String,
    /** Its size in bytes. */
    val size: Long,
    /** Its MD5 in hex, as the service wants it when the batch is allocated. */
    val md5: String,
    /** The same in Base64, as the `Content-MD5` header wants it. */
    val contentMd5: String,
    /** Records in it. */
    val records: Long,
)

/** How many records were packed. `read == packed + rejected`. */
@Serializable
public data class PackCounts(
    /** Records read, bad ones included. */
    val read: Long,
    /** Records in the files. */
    val packed: Long,
    /** Records refused. */
    val rejected: Long,
)

/** What packing made. */
public class PackReport internal constructor(packed: Packed) {
    private val known = JSON.decodeFromString<Made>(packed.json())

    /** The files, in order. */
    public val parts: List<Part> get() = known.parts

    /** How many records went which way. */
    public val counts: PackCounts get() = known.counts

    /** Every record that is in no file, in the order of the input. */
    public val rejects: Rejects = Rejects(packed.rejects())
}

@Serializable
private class Made(val parts: List<Part>, val counts: PackCounts)
