package io.cdpbatch

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/** One thing that happened while a call works. */
@Serializable
public sealed interface Event {
    /** The run has a name. */
    @Serializable
    @SerialName("started")
    public data class Started(val runId: String) : Event

    /** A part is finished and waits to be sent: its number from 0, its records, its size in bytes, its MD5 in hex. */
    @Serializable
    @SerialName("packed")
    public data class Packed(val part: Long, val records: Long, val size: Long, val md5: String) : Event

    /** The service has a location for a part, which is the batch [ref]. */
    @Serializable
    @SerialName("allocated")
    public data class Allocated(val part: Long, val ref: String) : Event

    /** Storage has accepted a part. */
    @Serializable
    @SerialName("uploaded")
    public data class Uploaded(val part: Long, val ref: String) : Event

    /** The service says a batch is in another state. */
    @Serializable
    @SerialName("status")
    public data class Status(val ref: String, val from: String? = null, val to: String) : Event

    /** A request failed and is tried again after a pause: [attempt] tries so far, and why, as the code of an error. */
    @Serializable
    @SerialName("retry")
    public data class Retry(val stage: String, val ref: String? = null, val attempt: Int, val delayMs: Long, val code: String) :
        Event

    /** Numbers moved. */
    @Serializable
    @SerialName("progress")
    public data class Progressed(
        override val read: Long,
        override val packed: Long,
        override val packedBytes: Long,
        override val sentBytes: Long,
        override val sent: Long,
        override val confirmed: Long,
        override val rejected: Long,
    ) : Event, Progress

    /** The call is over; the last event. */
    @Serializable
    @SerialName("done")
    public data class Done(
        override val read: Long,
        override val packed: Long,
        override val packedBytes: Long,
        override val sentBytes: Long,
        override val sent: Long,
        override val confirmed: Long,
        override val rejected: Long,
    ) : Event, Progress
}

/** How far a run is. Every number only grows, and none is ever more than the truth. */
public interface Progress {
    /** Records read from the source, bad ones included. */
    public val read: Long

    /** Records in finished parts. */
    public val packed: Long

    /** Bytes of finished parts. */
    public val packedBytes: Long

    /** Bytes handed to the network, counted once also when a part is sent again. */
    public val sentBytes: Long

    /** Records in parts that storage has accepted. */
    public val sent: Long

    /** Records the service has confirmed. */
    public val confirmed: Long

    /** Records refused, by us or by the service. */
    public val rejected: Long
}

/** The event in this JSON. */
internal fun eventOf(json: String): Event = JSON.decodeFromString<Event>(json)
