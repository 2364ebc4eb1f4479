package io.cdpbatch

import io.cdpbatch.internal.CdpException
import io.cdpbatch.internal.ErrorFields
import io.cdpbatch.internal.InternalException as Panic

/**
 * What failed and what to do. Each kind of error has a class of its own, and every kind has the same fields, in every
 * language. No field holds a credential or the query of a URL.
 */
public abstract class CdpBatchException internal constructor(
    /** The kind, as every language names it: `timeout`, `records_rejected`. */
    public val code: String,
    internal val fields: ErrorFields,
    cause: Throwable?,
) : RuntimeException(fields.message, cause) {
    /** What failed and what to do, in one sentence. Not to be acted on: act on the class. */
    override val message: String get() = fields.message

    /** Where in the run it happened: `options`, `read`, `check`, `pack`, `spool`, `allocate`, `upload`, `status`, `list`, `log` or `report`. */
    public val stage: String? get() = fields.stage

    /** Whether the same call may succeed later without a change. */
    public val isRetryable: Boolean get() = fields.retryable

    /** How often the request was tried; 0 when none was made. */
    public val attempts: Int get() = fields.attempts.toInt()

    /** The HTTP status of the last answer. */
    public val httpStatus: Int? get() = fields.httpStatus?.toInt()

    /** The service's id of the request, for its support. */
    public val requestId: String? get() = fields.requestId

    /** How long the service asks to wait, in milliseconds. */
    public val retryAfterMs: Long? get() = fields.retryAfterMs?.toLong()

    /** The run it belongs to. With a `stateDir` [Client.resume] carries on with it. */
    public val runId: String? get() = fields.runId

    /** The batches it is about. */
    public val refs: List<String> get() = fields.refs

    /** The source of the record it is about, such as a file name. */
    public val source: String? get() = fields.source

    /** The line of the record it is about, counted from 1. */
    public val line: Long? get() = fields.line?.toLong()

    /** What is known of the run, whatever ended it. */
    public val report: RunReport? by lazy { fields.report?.let(::RunReport) }
}

/** Does [call], whose errors become exceptions of ours. */
internal inline fun <T> translated(call: () -> T): T =
    try {
        call()
    } catch (error: CdpException) {
        throw exceptionOf(error)
    } catch (bug: Panic) {
        throw io.cdpbatch.InternalException(fieldsOf("the call stopped on a bug; please report it"), bug)
    }

/** The fields of an error that arose here. */
internal fun fieldsOf(message: String, stage: String? = null, source: String? = null, line: Long? = null): ErrorFields =
    ErrorFields(
        message = message,
        stage = stage,
        retryable = false,
        attempts = 0u,
        httpStatus = null,
        requestId = null,
        retryAfterMs = null,
        runId = null,
        refs = emptyList(),
        source = source,
        line = line?.toULong(),
        report = null,
    )
