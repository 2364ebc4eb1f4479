package io.cdpbatch

import kotlinx.serialization.Serializable

/** A run as its journal has it. */
@Serializable
public data class RunInfo(
    /** Its name. */
    val runId: String,
    /** When it was begun. */
    val createdAt: String,
    /** `packing` until its last part is packed, `packed` until every part is settled, then `finished`. */
    val state: String,
    /** Names of its sources. */
    val sources: List<String>,
    /** Parts packed so far. */
    val parts: Long,
    /** Records in them. */
    val packed: Long,
    /** Records the service confirmed. */
    val confirmed: Long,
    /** Records refused, by us or by the service. */
    val rejected: Long,
)

/** A batch that needs a look. */
@Serializable
public data class OpenBatch(
    /** Its ref. */
    val ref: String,
    /** The run it belongs to; null if the journal does not know it. */
    val runId: String? = null,
    /** The part it holds, counted from 0; null if the journal does not know it. */
    val part: Long? = null,
    /** What the service says; null if it does not list it. */
    val status: String? = null,
)

/** What the journal and the service together tell. Batches that are done and known are left out. */
@Serializable
public data class Reconciliation(
    /** Packed, perhaps allocated, but storage does not have them: resume the run. */
    val neverUploaded: List<OpenBatch>,
    /** Uploaded, and the service has not finished with them. */
    val processing: List<OpenBatch>,
    /** The service could not read them or refused records of them, and they were not sent again. */
    val failed: List<OpenBatch>,
    /** Listed by the service, but not in this journal: sent from elsewhere. */
    val unknown: List<OpenBatch>,
)
