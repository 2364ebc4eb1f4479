package io.cdpbatch

import io.cdpbatch.testing.Emulator
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking

/** A program that leaves everything open. */
fun main() {
    val client = Emulator(recordsPerSecond = 1.0).client()
    val operation = client.startUpload(Source.rows((0 until 1_000).map(::guest)), GUESTS)
    operation.future()
    runBlocking { operation.events().first { it is Event.Uploaded } }
    println("waiting")
}
