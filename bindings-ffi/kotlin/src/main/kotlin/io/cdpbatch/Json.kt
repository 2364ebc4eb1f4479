@file:OptIn(ExperimentalSerializationApi::class)

package io.cdpbatch

import java.math.BigDecimal
import java.math.BigInteger
import java.nio.file.Path
import java.time.temporal.TemporalAccessor
import java.util.UUID
import kotlinx.serialization.ExperimentalSerializationApi
import kotlinx.serialization.KSerializer
import kotlinx.serialization.descriptors.PrimitiveKind
import kotlinx.serialization.descriptors.PrimitiveSerialDescriptor
import kotlinx.serialization.descriptors.SerialDescriptor
import kotlinx.serialization.encoding.Decoder
import kotlinx.serialization.encoding.Encoder
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNamingStrategy
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.encodeToJsonElement
import kotlinx.serialization.json.jsonObject

/** JSON with the names of every language. What is newer than this package is passed over. */
internal val JSON: Json = Json {
    namingStrategy = JsonNamingStrategy.SnakeCase
    ignoreUnknownKeys = true
    explicitNulls = false
}

internal fun RunOptions.json(): String = fields().toString()

internal fun ClientOptions.json(): String =
    JsonObject(JSON.encodeToJsonElement(this).jsonObject + run.fields()).toString()

private fun RunOptions.fields(): JsonObject =
    JsonObject(JSON.encodeToJsonElement(this).jsonObject + more.mapValues { (_, value) -> Json.parseToJsonElement(jsonOf(value)) })

/** A path, as text. */
internal object PathText : KSerializer<Path> {
    override val descriptor: SerialDescriptor = PrimitiveSerialDescriptor("Path", PrimitiveKind.STRING)

    override fun serialize(encoder: Encoder, value: Path): Unit = encoder.encodeString(value.toString())

    override fun deserialize(decoder: Decoder): Path = Path.of(decoder.decodeString())
}

/** Why a value has no JSON, and where in its record. */
internal class NotJson(val path: String, message: String) : Exception(message)

/** A value as JSON text. */
internal fun jsonOf(value: Any?): String = StringBuilder().also { it.add(value, "") }.toString()

private fun StringBuilder.add(value: Any?, path: String) {
    when (value) {
        null -> append("null")
        is JsonElement -> append(value)
        is CharSequence, is Char, is UUID, is Path, is TemporalAccessor -> append(JsonPrimitive(value.toString()))
        is Enum<*> -> append(JsonPrimitive(value.name))
        is Double -> addFinite(value, value.isFinite(), path)
        is Float -> addFinite(value, value.isFinite(), path)
        is Boolean, is Int, is Long, is Short, is Byte, is BigDecimal, is BigInteger -> append(value)
        is UInt, is ULong, is UShort, is UByte -> append(value)
        is Map<*, *> -> addObject(value, path)
        is Iterable<*> -> addArray(value, path)
        is Array<*> -> addArray(value.asIterable(), path)
        else -> throw NotJson(path, "${value::class.java.name} is no type that JSON has")
    }
}

private fun StringBuilder.addFinite(value: Number, isFinite: Boolean, path: String) {
    if (!isFinite) throw NotJson(path, "$value is no number that JSON has")
    append(value)
}

private fun StringBuilder.addObject(fields: Map<*, *>, path: String) {
    append('{')
    var isFirst = true
    for ((name, value) in fields) {
        if (name !is String) throw NotJson(path, "a key is no text but ${name?.let { it::class.java.name }}")
        if (!isFirst) append(',')
        isFirst = false
        append(JsonPrimitive(name)).append(':')
        add(value, if (path.isEmpty()) name else "$path.$name")
    }
    append('}')
}

private fun StringBuilder.addArray(values: Iterable<*>, path: String) {
    append('[')
    values.forEachIndexed { index, value ->
        if (index > 0) append(',')
        add(value, "$path[$index]")
    }
    append(']')
}
