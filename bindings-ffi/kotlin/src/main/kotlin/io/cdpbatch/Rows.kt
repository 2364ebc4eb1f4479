package io.cdpbatch

import java.io.ByteArrayOutputStream
import kotlinx.serialization.json.JsonElement

/** Bytes that are gathered before they are pushed. */
private const val CHUNK = 1 shl 16

private const val LF = '\n'.code
private const val CR = '\r'.code

/** Makes lines of rows, and gathers them. */
internal class Rows {
    private val lines = ByteArrayOutputStream()
    private var count = 0L

    /** Takes a row. Whether there is enough to be pushed. */
    fun add(row: Any?): Boolean {
        count += 1
        when (row) {
            is ByteArray -> addLine(row)
            is CharSequence -> addLine(row.toString().encodeToByteArray())
            is Map<*, *>, is JsonElement -> addLine(json(row).encodeToByteArray())
            else -> throw invalid(NotJson("", "a row is a map, or JSON of one record as text or bytes, but not ${row?.let { it::class.java.name }}"))
        }
        return lines.size() >= CHUNK
    }

    /** What was gathered. */
    fun take(): ByteArray = lines.toByteArray().also { lines.reset() }

    /** A line break inside JSON is white space, as good as a tab; one inside a string is as invalid. */
    private fun addLine(record: ByteArray) {
        var end = record.size
        while (end > 0 && record[end - 1].isLineBreak()) end -= 1
        for (at in 0 until end) {
            if (record[at].isLineBreak()) {
                // Rare enough to be slow.
                val line = record.copyOf(end)
                line.indices.forEach { if (line[it].isLineBreak()) line[it] = '\t'.code.toByte() }
                lines.write(line, 0, end)
                lines.write(LF)
                return
            }
        }
        lines.write(record, 0, end)
        lines.write(LF)
    }

    private fun json(row: Any): String =
        try {
            jsonOf(row)
        } catch (reason: NotJson) {
            throw invalid(reason)
        }

    private fun invalid(reason: NotJson): InvalidRecordException {
        val place = if (reason.path.isEmpty()) "" else "${reason.path}: "
        return InvalidRecordException(fieldsOf("row $count: $place${reason.message}", "read", "rows", count))
    }
}

private fun Byte.isLineBreak(): Boolean = toInt() == LF || toInt() == CR
